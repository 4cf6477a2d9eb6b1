import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';

/** The shape of a pending answer's `structuredContent`. */
export const PENDING_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    status: { enum: ['pending_approval', 'approved', 'executing'] },
    approval_id: { type: 'string' },
    tool: { type: 'string' },
    expires_at: { type: 'string' },
    poll_after_ms: { type: 'integer' },
    reviewers_asked: { type: 'integer' },
  },
  required: ['status', 'approval_id', 'tool', 'expires_at', 'poll_after_ms', 'reviewers_asked'],
};

const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);
/** Members of these are schemas under names of the author's choice. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** These hold data, in which nothing is a keyword. */
const DATA = new Set(['enum', 'const', 'default', 'examples']);

/**
 * An output schema that also admits a pending answer, so that strict clients accept both. Nothing when theirs
 * refers to a part of itself, as its pointers would break one level down.
 */
export function widen(outputSchema: JsonObject): JsonObject | undefined {
  if (refers(outputSchema)) return undefined;
  const { $schema, ...theirs } = outputSchema;
  return { ...($schema === undefined ? {} : { $schema }), type: 'object', anyOf: [theirs, PENDING_SCHEMA] };
}

function refers(schema: Json | undefined): boolean {
  if (Array.isArray(schema)) return (schema as readonly Json[]).some(refers);
  if (!isJsonObject(schema)) return false;
  return Object.entries(schema).some(([keyword, value]) => {
    if (REFERENCES.has(keyword)) return true;
    if (DATA.has(keyword)) return false;
    if (NAMED.has(keyword) && isJsonObject(value)) return Object.values(value).some(refers);
    return refers(value);
  });
}
