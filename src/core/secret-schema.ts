import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { SecretTree } from './secret-tree.ts';

/** The member of a JSON Schema by which a tool's author says that a value is secret. */
export const SECRET_KEYWORD = 'x-placet-secret';

/** More places of one call are not looked at: what is left then is taken to be secret. */
const VISITS_MAX = 20_000;
const DEPTH_MAX = 100;
const NESTED = ['allOf', 'anyOf', 'oneOf'] as const;
const CONDITIONAL = ['if', 'then', 'else', 'not'] as const;

/** Whether a schema marks anything, wherever in it; cheap, and the same for every call of a tool. */
export function marksSecrets(schema: unknown): boolean {
  const ahead: unknown[] = [schema];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (Array.isArray(next)) for (const each of next as readonly unknown[]) ahead.push(each ?? null);
    else if (typeof next === 'object' && next !== null) {
      if (isMarked(next as JsonObject)) return true;
      for (const each of Object.values(next) as unknown[]) ahead.push(each ?? null);
    }
  }
  return false;
}

/**
 * Marks the parts of a value that its schema calls secret: `x-placet-secret: true`, `writeOnly: true` or
 * `format: "password"`. The schema is its server's, and hostile: references may lead in circles. Every branch of an
 * alternative counts, whether the value fits it or not.
 */
export function markBySchema(schema: Json, value: Json, into: Pick<SecretTree, 'mark'>): void {
  const root = schema;
  const seen = new Map<object, Set<string>>();
  let visits = 0;

  function visit(at: Json | undefined, member: Json, path: readonly string[]): void {
    if (!isJsonObject(at)) return;
    const key = JSON.stringify(path);
    const before = seen.get(at) ?? new Set();
    if (before.has(key)) return;
    seen.set(at, before.add(key));
    visits += 1;
    if (isMarked(at) || visits > VISITS_MAX || path.length > DEPTH_MAX)
      return into.mark(path, 'marked by the tool');
    for (const name of NESTED) {
      const branches = at[name];
      if (Array.isArray(branches))
        for (const branch of branches as readonly Json[]) visit(branch, member, path);
    }
    for (const name of CONDITIONAL) visit(at[name], member, path);
    for (const name of ['$ref', '$dynamicRef'] as const) {
      const to = at[name];
      if (typeof to === 'string') visit(resolved(root, to), member, path);
    }
    if (isJsonObject(at['dependentSchemas']))
      for (const each of Object.values(at['dependentSchemas'])) visit(each, member, path);
    if (Array.isArray(member)) items(at, member as readonly Json[], path);
    else if (isJsonObject(member)) members(at, member, path);
  }

  function items(at: JsonObject, list: readonly Json[], path: readonly string[]): void {
    const first = Array.isArray(at['prefixItems'])
      ? (at['prefixItems'] as readonly Json[])
      : Array.isArray(at['items'])
        ? (at['items'] as readonly Json[])
        : [];
    list.forEach((item, index) => {
      const inner = [...path, String(index)];
      visit(first[index], item, inner);
      for (const name of ['items', 'additionalItems', 'unevaluatedItems', 'contains'] as const)
        visit(at[name], item, inner);
    });
  }

  function members(at: JsonObject, object: JsonObject, path: readonly string[]): void {
    const { properties, patternProperties } = at;
    for (const [name, member] of Object.entries(object)) {
      const inner = [...path, name];
      if (isJsonObject(properties) && Object.hasOwn(properties, name)) visit(properties[name], member, inner);
      // A pattern is the server's and may take for ever, so its schema is taken to apply to every member.
      if (isJsonObject(patternProperties))
        for (const each of Object.values(patternProperties)) visit(each, member, inner);
      for (const rest of ['additionalProperties', 'unevaluatedProperties'] as const) {
        if (!isJsonObject(properties) || !Object.hasOwn(properties, name)) visit(at[rest], member, inner);
      }
    }
  }

  visit(schema, value, []);
}

function isMarked(schema: JsonObject): boolean {
  return schema[SECRET_KEYWORD] === true || schema['writeOnly'] === true || schema['format'] === 'password';
}

/** What a reference within the same schema leads to (RFC 6901), or one by `$anchor`'s name at its top level. */
function resolved(root: Json, ref: string): Json | undefined {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: Json | undefined = root;
  for (const step of ref.slice(2).split('/')) {
    const name = unescaped(step);
    if (Array.isArray(at)) at = (at as readonly Json[])[Number(name)];
    else if (isJsonObject(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}
