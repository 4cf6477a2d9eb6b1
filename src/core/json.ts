import { PlacetError } from './errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Canonical JSON by RFC 8785 (JCS): members sorted by UTF-16 code units, numbers and strings as ECMAScript
 * writes them. Members whose value is `undefined` are left out.
 *
 * @throws PlacetError `json_not_canonical` for numbers that are not finite, lone surrogates, and anything
 * that is not JSON.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      if (!Number.isFinite(value)) throw notCanonical(`the number ${value} is not JSON`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : canonicalContainer(value);
    default:
      throw notCanonical(`a ${typeof value} is not JSON`);
  }
}

function canonicalContainer(value: object): string {
  // Array.from, because map passes over the holes of a sparse list, which are no JSON.
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw notCanonical('an object of a class, such as a Date or a Map, is not JSON');
  }
  const members = value as Record<string, unknown>;
  let out = '';
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    out += `${out === '' ? '' : ','}${canonicalString(key)}:${canonicalJson(member)}`;
  }
  return `{${out}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw notCanonical('a string holds half of a surrogate pair');
  return JSON.stringify(text);
}

function notCanonical(what: string): PlacetError {
  return new PlacetError('json_not_canonical', `This cannot be written as canonical JSON: ${what}.`);
}
