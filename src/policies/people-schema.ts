import { z } from 'zod';
import { endOf } from '../core/period.ts';
import { closed, DAY_MS, duration, id, listOf, said, text } from './fields.ts';
import { didYouMean } from './nearest.ts';
import { isTimeZone, minutesOf } from './times.ts';

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

const TIME_OF_DAY = 'a time of day such as "22:00"';

const awaySchema = closed('away', {
  until: read(
    'until',
    'a time such as 2026-12-24T17:00:00Z, or a day such as 2026-12-24 for its end in UTC',
    endOf,
  ),
  to: id('to', 'carol'),
});

const quietSchema = closed('quiet', {
  from: read('from', TIME_OF_DAY, minutesOf),
  to: read('to', TIME_OF_DAY, minutesOf),
  zone: z
    .string(said('zone', 'a time zone such as Europe/Berlin'))
    .refine(isTimeZone, { error: zoneMistake }),
}).refine(({ from, to }) => from !== to, {
  error: 'quiet must end at another time than it begins; without quiet hours leave it out.',
  path: ['to'],
});

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
  slack: z
    .string(said('slack', 'the id of an account in Slack, such as U024BE7LH'))
    .regex(
      /^[UW][A-Z0-9]{2,20}$/,
      'slack must be the id of an account in Slack, which begins with U or W, such as U024BE7LH (in the profile: Copy member ID).',
    )
    .exactOptional(),
  outcomes: z
    .preprocess(listOf, z.array(z.enum(['email', 'slack'], { error: outcomeMistake })))
    .transform((names) => [...new Set(names)])
    .exactOptional(),
  away: awaySchema.exactOptional(),
  quiet: quietSchema.exactOptional(),
  role: z
    .enum(['auditor'], {
      error:
        'role may be auditor, for a person who reads everything and decides nothing; leave it out for everybody else.',
    })
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
  fallback: z
    .preprocess(
      listOf,
      z.array(z.string(said('fallback', 'ids of people and group:NAME, such as [group:leads]'))),
    )
    .optional(),
  solo: z.boolean({ error: 'solo must be true or false.' }).optional(),
});

/** A text that something is made of; nothing where it is no such text. */
function read<T>(name: string, what: string, parse: (text: string) => T | undefined) {
  const sentence = said(name, what);
  return z.string(sentence).transform((value, context) => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    context.issues.push({ code: 'custom', message: sentence.error({ input: value }), input: value });
    return z.NEVER;
  });
}

function outcomeMistake(issue: { readonly input?: unknown }): string {
  const hint = typeof issue.input === 'string' ? didYouMean(issue.input, ['email', 'slack']) : '';
  return `outcomes may name email and slack, and ${JSON.stringify(issue.input)} is neither${hint}.`;
}

function zoneMistake(issue: { readonly input?: unknown }): string {
  const hint = didYouMean(String(issue.input), Intl.supportedValuesOf('timeZone'));
  return `${JSON.stringify(issue.input)} is no time zone such as Europe/Berlin${hint}.`;
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
