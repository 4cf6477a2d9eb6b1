import type { JsonObject } from '../core/json.ts';

/** A posted form, or nothing when a field stands in it twice: no two readers may see different ones. */
export function readPosted(body: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (fields.has(name)) return undefined;
    fields.set(name, value);
  }
  return fields;
}

/** What the page's script wrote into a hidden field: an object as JSON. */
export function readJsonField(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

/** One line of text that a person typed: trimmed, without line breaks, at most `max` characters. */
export function readLine(text: string | undefined, max: number): string {
  return (text ?? '')
    .replace(/[\r\n]+/g, ' ')
    .trim()
    .slice(0, max);
}
