import type { z } from 'zod';

/** Messages that are sent to others, by name; each with the schema of its body. */
export type WebhookDescriptions = Readonly<
  Record<string, { readonly summary: string; readonly schema: z.ZodType }>
>;
