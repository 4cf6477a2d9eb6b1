import type { Json } from '../core/json.ts';

/** Arguments that are nested deeper than this cannot be judged by a condition. */
const MAX_DEPTH = 64;

/** A JSON value as a CEL condition sees it, and how much of it there is: values plus characters of text. */
export interface CelArgs {
  readonly value: unknown;
  readonly weight: number;
}

/**
 * Turns arguments into CEL values: whole numbers into ints (so that `args.n + 1` and `args.list[args.i]` work),
 * other numbers into doubles, objects into maps, in which nothing is inherited.
 *
 * @throws Error when they are nested too deeply.
 */
export function celArgs(args: Json): CelArgs {
  let weight = 0;
  const convert = (json: Json, depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new Error(`the arguments are nested more than ${MAX_DEPTH} levels deep`);
    weight += typeof json === 'string' ? json.length + 1 : 1;
    if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;
    if (json === null || typeof json !== 'object') return json;
    if (isList(json)) return json.map((item) => convert(item, depth + 1));
    const members = new Map<string, unknown>();
    for (const [key, member] of Object.entries(json)) {
      weight += key.length;
      members.set(key, convert(member, depth + 1));
    }
    return shapeless(members);
  };
  return { value: convert(args, 0), weight };
}

/**
 * cel-js names the type of a map by its first entry, all the way down, and keeps every type it ever met for the
 * life of the process: arguments of ever new shapes would fill the memory. It asks `entries` for that first
 * entry and nothing else, so a map that shows none is of the one type map<dyn, dyn>.
 */
function shapeless(members: Map<string, unknown>): Map<string, unknown> {
  Object.defineProperty(members, 'entries', { value: () => [].values() });
  return members;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
