import { z } from 'zod';
import { channels } from './channels.ts';
import { readSecretPath, type SecretPath } from '../core/secret-paths.ts';
import { closed, DAY_MS, duration, id, listOf, said, text } from './fields.ts';

const PEOPLE = 'ids of people and group:NAME, such as [group:leads]';

const VERIFICATIONS = ['link', 'sso', 'passkey'] as const;

export const reviewSchema = closed('review', {
  reviewers: z
    .preprocess(
      listOf,
      z.array(z.string(said('reviewers', 'ids of people and group:NAME, such as [group:ops]'))),
    )
    .optional(),
  quorum: z
    .int({ error: 'quorum must be a whole number of people, at least 1.' })
    .min(1, 'quorum must be at least 1, because nobody else would be asked.')
    .optional(),
  verification: z.enum(VERIFICATIONS, { error: 'verification must be link, sso or passkey.' }).optional(),
  max_age: duration('max_age', { example: '5m', most: DAY_MS }).optional(),
  expires: duration('expires', { example: '30m' }).optional(),
  reason: z.enum(['optional', 'required'], { error: 'reason must be optional or required.' }).optional(),
  wait: duration('wait', { example: '20s', least: 0 })
    .refine(atMost(50_000), 'wait is at most 50s, because clients give up after 60.')
    .optional(),
  timeout: duration('timeout', { example: '5m' }).optional(),
  notify: channels('notify').optional(),
  remind: duration('remind', { example: '10m', least: 60_000, most: DAY_MS }).optional(),
  escalate: closed('escalate', {
    after: duration('after', { example: '20m' }),
    to: z.preprocess(
      listOf,
      z
        .array(z.string(said('to', PEOPLE)), said('to', PEOPLE))
        .min(1, 'to must name at least one person or group, who is asked then.'),
    ),
    notify: channels('notify').optional(),
  }).optional(),
  slack: z
    .enum(['decide', 'review'], {
      error: 'slack must be decide or review: whether a button in Slack decides, or leads to the page.',
    })
    .optional(),
  api: z
    .enum(['decide', 'read'], {
      error: "api must be decide or read: whether a reviewer's key at the API decides, or only shows.",
    })
    .optional(),
  reveal: z
    .enum(['allowed', 'never'], {
      error: 'reveal must be allowed or never: whether reviewers may have secrets shown to them.',
    })
    .optional(),
});

const matchSchema = closed('match', {
  server: globs('server'),
  tool: globs('tool'),
  tags: globs('tags'),
  agent: globs('agent'),
  owner: globs('owner'),
});

export const ruleSchema = closed('A rule', {
  id: id('id', 'writes'),
  match: matchSchema,
  when: z.string({ error: 'when must be a CEL expression in quotes.' }).optional(),
  verdict: z.enum(['allow', 'review', 'deny'], said('verdict', 'allow, review or deny')),
  on_change: z
    .enum(['review', 'deny', 'allow'], {
      error:
        "on_change must be review, deny or allow: what becomes of a call while the tool's definition is changed.",
    })
    .optional(),
  durability: z
    .enum(['before', 'behind'], {
      error: 'durability must be before or behind: whether an allowed call waits until it is on the disk.',
    })
    .optional(),
  secret: z
    .preprocess(
      listOf,
      z.array(secretPath()).min(1, 'secret must name at least one path; leave the key out for none.'),
    )
    .optional(),
  message: text('message', 'the words that the agent is told', 500).optional(),
  review: z.unknown().optional(),
});

export const rulesFileSchema = closed('A rules file', {
  unmatched: z
    .enum(['allow', 'review', 'deny'], { error: 'unmatched must be allow, review or deny.' })
    .optional(),
  review: z.unknown().optional(),
  rules: z
    .array(z.unknown(), { error: 'rules must be a list of rules with id, match and verdict.' })
    .nullish(),
});

export type RawReview = z.infer<typeof reviewSchema>;
export type RawRule = z.infer<typeof ruleSchema>;

function secretPath() {
  const message =
    'secret must be paths such as args.password, args.headers.authorization, args.items[].token, args.env.* or result.structuredContent.key.';
  return z.string({ error: message }).transform((value, context): SecretPath => {
    const path = readSecretPath(value);
    if (path) return path;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });
}

function globs(name: string) {
  const glob = z
    .string(said(name, `a glob such as "read_*", or a list of them`))
    .min(1, `${name} must not be empty.`);
  return z
    .preprocess(
      listOf,
      z.array(glob).min(1, `${name} must name at least one glob; leave the key out to match everything.`),
    )
    .optional();
}

function atMost(limit: number): (ms: number) => boolean {
  return (ms) => ms <= limit;
}
