import { z } from 'zod';

/** What the host answers to `placet log …` over the owner's socket. Times are RFC 3339, UTC. */

/** To `erase`: which payloads of the call are gone now, and how many were before. */
export const erasedSchema = z.object({
  call_id: z.string(),
  erased: z.number(),
  /** Erased earlier, or never kept here. */
  gone_before: z.number(),
  /** When it was last ordered before, and why. */
  before: z.object({ at: z.string(), reason: z.string() }).optional(),
});
export type Erased = z.infer<typeof erasedSchema>;

const holdSchema = z.object({
  hold_id: z.string(),
  call_id: z.string().optional(),
  reason: z.string(),
  by: z.string(),
  placed_at: z.string(),
});

/** To `hold` and `release`: the hold itself. */
export const heldSchema = holdSchema;
export type Held = z.infer<typeof holdSchema>;
/** To `holds`: those that stand, oldest first. */
export const holdsSchema = z.array(holdSchema);

/** To `retain`. With `dry_run` nothing was erased, and `calls` is what would be. */
export const retainedSchema = z.object({
  dry_run: z.boolean(),
  /** Calls that were made before this time were looked at. */
  before: z.string(),
  calls: z.number(),
  payloads: z.number(),
  /** Old enough, but kept: by a hold, or because they are under way or nobody knows how they ended. */
  held: z.number(),
  under_way: z.number(),
  /** The first hundred. */
  first: z.array(z.object({ call_id: z.string(), time: z.string(), server: z.string(), tool: z.string() })),
});
export type Retained = z.infer<typeof retainedSchema>;

/** To `rotate_key`: the verifier keys before and after. */
export const rotatedSchema = z.object({ previous: z.string(), key: z.string() });

/** To `checkpoint`: the newest, made now if something is not covered yet. */
export const checkpointSchema = z.object({
  size: z.number(),
  root: z.string(),
  note: z.string(),
  key: z.string(),
});
