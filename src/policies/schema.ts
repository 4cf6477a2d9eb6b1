import { z } from 'zod';
import { formatDuration, LONGEST_MS, parseDuration } from './duration.ts';

/** How people, groups, agents and rules may be called. */
export const ID = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

export const ID_HINT =
  'may hold only letters, digits and . _ @ -, begins with a letter or digit, and has at most 64 characters';

const VERIFICATIONS = ['link', 'sso', 'passkey'] as const;

const DAY_MS = 86_400_000;

const PENDING = 'max_pending must be a whole number of requests from 1 to 1000.';

const signOnSchema = closed('An identity of sso', {
  issuer: z.string(said('issuer', 'the address of the provider')).refine(isIssuer, {
    error:
      'issuer must be the address of the provider, such as https://login.example.com, exactly as PLACET_OIDC_ISSUER has it.',
  }),
  subject: text('subject', 'the "sub" by which the provider knows the person (put a number in quotes)', 255),
});

/** Who acts without a proof stands in the journal under these names. */
const NOBODYS_IDS: readonly string[] = ['operator', 'placet'];

export const personSchema = closed('A person', {
  id: id('id', 'alice').refine((value) => !NOBODYS_IDS.includes(value), {
    error: "operator and placet are names of Placet's own in the journal; give this person another id.",
  }),
  name: text('name', 'the name that reviewers read, such as Alice Ng', 200),
  emails: z
    .array(
      z.string(said('emails', 'a list of addresses')).refine(isAddress, { error: addressMistake }),
      said('emails', 'a list of addresses such as [alice@example.com]'),
    )
    .min(1, 'emails must name at least one address, to which notices are sent.'),
  sso: z.array(signOnSchema, said('sso', 'a list of identities with issuer and subject')).exactOptional(),
  acts_for: z
    .array(id('a person in acts_for', 'alice'), said('acts_for', 'a list of ids of people such as [alice]'))
    .exactOptional(),
});

export const agentSchema = closed('An agent', {
  id: id('id', 'claude-desktop'),
  owner: id('owner', 'alice'),
  max_pending: z.int({ error: PENDING }).min(1, PENDING).max(1000, PENDING).exactOptional(),
  cool_down: duration('cool_down', { example: '1m', least: 0, most: DAY_MS }).exactOptional(),
});

export const groupSchema = z.array(
  id('a member of a group', 'alice'),
  said('A group', 'a list of ids of people such as [alice, bob]'),
);

/** A group that an identity provider fills, besides those who are named. */
export const claimedGroupSchema = closed('A group', {
  members: z
    .array(
      id('a member of a group', 'alice'),
      said('members', 'a list of ids of people such as [alice, bob]'),
    )
    .default([]),
  sso: text('sso', 'the name of the group at the identity provider', 200),
});

export const peopleFileSchema = closed('people.yaml', {
  people: z.array(z.unknown(), said('people', 'a list of people with id, name and emails')),
  groups: z.record(z.string(), z.unknown(), said('groups', 'groups such as ops: [alice, bob]')).nullish(),
  agents: z.array(z.unknown(), said('agents', 'a list of agents with id and owner')).nullish(),
  solo: z.boolean({ error: 'solo must be true or false.' }).optional(),
});

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

/**
 * An object with these keys and no others. The message of an unknown key's issue is the list of the known ones,
 * for `mistakes.ts` to make a sentence of.
 */
function closed<T extends z.ZodRawShape>(name: string, shape: T) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? Object.keys(shape).join(' ')
        : said(name, `a mapping with the keys ${Object.keys(shape).join(', ')}`).error(issue),
  });
}

/** The sentence for a value that is missing or of the wrong type. */
function said(name: string, what: string) {
  return {
    error: (issue: { readonly input?: unknown }) =>
      issue.input === undefined || issue.input === null
        ? `${name} is missing; it must be ${what}.`
        : `${name} must be ${what}.`,
  };
}

function id(name: string, example: string) {
  return z
    .string(said(name, `text such as ${example} (put a number in quotes)`))
    .regex(ID, `${name} ${ID_HINT}.`);
}

function text(name: string, what: string, longest: number) {
  return z
    .string(said(name, what))
    .refine((value) => value.trim() !== '' && value.length <= longest && !/\p{Cc}/u.test(value), {
      error: `${name} must be 1 to ${longest} characters on one line.`,
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

/** One or many: a single value stands for a list of one. */
function listOf(value: unknown): unknown {
  return value === undefined || Array.isArray(value) ? value : [value];
}

interface Bounds {
  readonly example: string;
  /** In milliseconds; a second unless said. */
  readonly least?: number;
  /** In milliseconds; the longest that there is unless said. */
  readonly most?: number;
}

function duration(name: string, { example, least = 1000, most = LONGEST_MS }: Bounds) {
  const from = least > 0 ? `at least ${formatDuration(least)} and ` : '';
  const message = `${name} must be a duration such as ${example} (s, m, h or d), ${from}at most ${formatDuration(most)}.`;
  return z.string({ error: message }).transform((value, context) => {
    const ms = parseDuration(value);
    if (ms !== undefined && ms >= least && ms <= most) return ms;
    context.issues.push({ code: 'custom', message, input: value });
    return z.NEVER;
  });
}

function atMost(limit: number): (ms: number) => boolean {
  return (ms) => ms <= limit;
}

function isIssuer(text: string): boolean {
  return /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text);
}

/** Plain ASCII addresses only, so that no two that reach one mailbox can look different. */
function isAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).split('.');
  const domain = address.slice(at + 1).split('.');
  return (
    at > 0 &&
    address.length <= 254 &&
    !address.startsWith('+') &&
    local.every((part) => /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/.test(part)) &&
    domain.every((label) => /^[A-Za-z0-9-]{1,63}$/.test(label) && !/^-|-$/.test(label))
  );
}

function addressMistake(issue: { readonly input?: unknown }): string {
  return `${JSON.stringify(issue.input)} is not a mail address such as alice@example.com (a domain of other letters is written in its xn-- form).`;
}
