import { z } from 'zod';
import type { EntryType } from '../../core/entry.ts';
import { canHold, ENTRY_TYPES } from '../../journal/entry-schema.ts';
import { didYouMean } from '../../policies/nearest.ts';
import type { Path } from '../../policies/positions.ts';

const words = (name: string, what: string) =>
  z
    .string({ error: `${name} must be ${what}.` })
    .trim()
    .min(1, `${name} must be ${what}.`);
const listOf = (value: unknown): unknown => (Array.isArray(value) ? value : [value]);
const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'A value in where must be a text, a number, true or false, or a list of such.',
});

const evidenceSchema = z.strictObject({
  entry: z.preprocess(listOf, z.array(words('entry', 'a type of entry such as approval.decided')).min(1)),
  where: z.record(z.string(), z.preprocess(listOf, z.array(scalar).min(1))).optional(),
  shows: words('shows', 'a sentence that says what such an entry shows'),
});

const controlSchema = z.strictObject({
  id: words('id', 'what the framework calls the control, such as CC6.1 (put a number in quotes)'),
  title: words('title', 'the official title').optional(),
  baselines: z.array(words('A baseline', 'a name such as moderate')).optional(),
  supports: words('supports', 'a sentence or two: what exactly the evidence supports').optional(),
  limits: words('limits', 'a sentence or two: what the evidence does not show').optional(),
  evidence: z.array(evidenceSchema, { error: 'evidence must be a list of entry and shows.' }).min(1),
});

export const frameworkSchema = z.strictObject({
  framework: words('framework', 'a short name such as soc2').regex(
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    'framework must be of small letters, digits and hyphens, such as soc2.',
  ),
  title: words('title', 'the official title, with its edition').optional(),
  version: words('version', "the version of this mapping, in quotes, such as '1'"),
  controls: z.array(controlSchema, { error: 'controls must be a list of controls.' }).min(1),
});

export const workspaceSchema = z.strictObject({
  frameworks: z.array(frameworkSchema, { error: 'frameworks must be a list of frameworks.' }),
});

export type FrameworkFile = z.infer<typeof frameworkSchema>;
export type ControlFile = FrameworkFile['controls'][number];

/** A mistake that the shape alone does not show. */
export interface Mistake {
  readonly path: Path;
  readonly message: string;
}

/** Entries and members of which no journal knows. */
export function unknownIn({ controls }: Pick<FrameworkFile, 'controls'>): readonly Mistake[] {
  return controls.flatMap(({ evidence }, c) =>
    evidence.flatMap(({ entry, where = {} }, e): readonly Mistake[] => {
      const path = ['controls', c, 'evidence', e];
      const unknown = entry.find((type) => !isEntryType(type));
      if (unknown !== undefined)
        return [
          {
            path: [...path, 'entry'],
            message: `No entry is of the type ${JSON.stringify(unknown)}${didYouMean(unknown, ENTRY_TYPES)}.`,
          },
        ];
      return Object.entries(where).flatMap(([member, values]) =>
        entry.filter(isEntryType).flatMap((type) =>
          values.flatMap((value) => {
            const can = canHold(type, member, value);
            if (can === 'yes') return [];
            const message =
              can === 'no_member'
                ? `Entries of the type ${type} have no ${member}.`
                : `${member} of ${type} is never ${JSON.stringify(value)}.`;
            return [{ path: [...path, 'where', member], message }];
          }),
        ),
      );
    }),
  );
}

function isEntryType(type: string): type is EntryType {
  return (ENTRY_TYPES as readonly string[]).includes(type);
}
