import { z } from 'zod';

/** What the host answers to `placet evidence review` over the owner's socket. Times are RFC 3339, UTC. */

const reviewSchema = z.object({
  /** Of its entry. */
  seq: z.number(),
  at: z.string(),
  from: z.string(),
  to: z.string(),
  size: z.number(),
  exceptions: z.number(),
  exceptions_sha256: z.string(),
  reviewer: z.string(),
  reason: z.string().optional(),
});
export type RecordedReview = z.infer<typeof reviewSchema>;

/** To `evidence_review`. */
export const reviewedSchema = z.object({
  /** Where it is recorded: the period's page in the console. */
  console_url: z.string(),
  /** How many entries the journal has now. */
  size: z.number(),
  /** Who may record one. */
  people: z.array(z.object({ person: z.string(), name: z.string() })),
  /** The first review of the period that was recorded since, if there is one. */
  review: reviewSchema.optional(),
});
export type Reviewed = z.infer<typeof reviewedSchema>;
