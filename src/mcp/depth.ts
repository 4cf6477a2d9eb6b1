import { isJsonObject } from '../core/json.ts';

const MAX_DEPTH = 100;

/** Whether a value that others wrote can be worked on and written again: parsing goes deeper than that. */
export function isShallow(value: unknown, depth = 0): boolean {
  if (!Array.isArray(value) && !isJsonObject(value)) return true;
  return depth < MAX_DEPTH && Object.values(value).every((each: unknown) => isShallow(each, depth + 1));
}
