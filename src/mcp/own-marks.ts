import { isJsonObject, type JsonObject } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';

/** Only Placet says how a request stands: a downstream that imitates it loses that mark and nothing else. */
export function withoutOurMarks(result: Verbatim): Verbatim {
  const kept = unmarked(result.value);
  return kept === result.value ? result : Verbatim.of(kept);
}

/** The same of what a downstream asks or tells. */
export function unmarked(params: JsonObject): JsonObject {
  const { _meta: meta } = params;
  if (!isJsonObject(meta)) return params;
  const kept = Object.entries(meta).filter(([name]) => !name.startsWith('placet/'));
  if (kept.length === Object.keys(meta).length) return params;
  return { ...params, _meta: Object.fromEntries(kept) };
}
