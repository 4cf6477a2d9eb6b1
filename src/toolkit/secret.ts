import { clone, globalRegistry, type core } from 'zod';
import { SECRET_KEYWORD } from '../core/secret-schema.ts';

/**
 * Marks a member of a guarded tool's input or output as secret: `password: secret(z.string())`. What stands in it is
 * masked for reviewers, never kept in clear, and erased once the call is settled.
 */
export function secret<Schema extends core.$ZodType>(schema: Schema): Schema {
  const marked = clone(schema);
  // The id names one schema, and this is another.
  const { id: _, ...meta } = globalRegistry.get(schema) ?? {};
  globalRegistry.add(marked, { ...meta, [SECRET_KEYWORD]: true });
  return marked;
}
