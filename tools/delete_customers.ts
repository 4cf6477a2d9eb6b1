import { defineTool } from 'placet';
import { z } from 'zod';
import { DATABASE, inCustomers, remove, select } from './_customers-db.ts';

export default defineTool({
  name: 'delete_customers',
  title: 'Delete inactive customers',
  description:
    'Deletes the customers who were last active before a date, all of them or none: none if there are more than max.',
  tags: ['sensitive', 'destructive'],
  input: z.strictObject({
    inactive_since: z.iso
      .date()
      .describe('Customers last active before this day are deleted, such as 2024-01-01.'),
    max: z
      .int()
      .min(1)
      .max(1000)
      .describe('The most that may be deleted; if more match, nothing is deleted.'),
  }),
  output: z.object({
    deleted: z.array(z.object({ id: z.int(), name: z.string(), last_active: z.string() })),
    remaining: z.int(),
  }),
  summary: ({ inactive_since, max }, { workspace }) =>
    inCustomers(workspace, (db) => {
      const all = select(db).length;
      const matching = select(db, inactive_since).length;
      return matching > max
        ? `Delete nothing: ${matching} of ${all} customers are inactive since ${inactive_since}, more than the ${max} that this call may delete.`
        : `Delete ${matching} of ${all} customers, those inactive since ${inactive_since}, from ${DATABASE}.`;
    }),
  run: ({ inactive_since, max }, { workspace, signal }) =>
    inCustomers(workspace, (db) => {
      signal.throwIfAborted();
      const deleted = remove(db, inactive_since);
      if (deleted.length > max) {
        throw new Error(
          `${deleted.length} customers match, more than the ${max} allowed: nothing was deleted.`,
        );
      }
      return { deleted, remaining: select(db).length };
    }),
});
