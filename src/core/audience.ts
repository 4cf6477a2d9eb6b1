import type { EscalationCause, Terms } from './entry.ts';
import type { EscalationState, Request } from './request.ts';

/** Channels that reach each person themselves. Every other name that a rule may name is a place's. */
const PERSONAL: readonly string[] = ['email', 'slack'];
/** Where terms name nothing. */
const BY_DEFAULT: readonly string[] = ['email'];

/** A person who is to be asked, and how. */
export interface Listener {
  readonly reviewer: string;
  /** `any`: by each channel that reaches them. */
  readonly channels: readonly string[] | 'any';
  /** Some terms name the channels. */
  readonly named: boolean;
  /** The terms that ask them. */
  readonly terms: readonly Terms[];
  /** Why they are asked, where it was not from the beginning. */
  readonly escalated?: EscalationCause;
}

/** A place where it is to be asked. */
export interface AskedPlace {
  readonly channel: string;
  readonly terms: readonly Terms[];
  readonly escalated?: EscalationCause;
}

/** Whether this channel reaches people themselves, rather than being a place. */
export function isPersonal(channel: string): boolean {
  return PERSONAL.includes(channel);
}

/** Whether people learn of what is put there. A program that is told may tell nobody. */
export function isReadByPeople(channel: string): boolean {
  return !channel.startsWith('webhook:');
}

/**
 * Who is asked about a request as it stands: the reviewers but those whose delegates are asked in their place, and
 * whoever was asked since, because nobody decided in time or no channel reached anybody.
 */
export function listeners(request: Pick<Request, 'terms' | 'escalations' | 'owner'>): readonly Listener[] {
  const found = new Map<string, Listener>();
  for (const terms of request.terms) {
    for (const reviewer of terms.reviewers) {
      // Whatever the terms say: nobody is asked about a call of their own agent but the only human there is.
      if (terms.away?.includes(reviewer) || (reviewer === request.owner && !terms.solo)) continue;
      const asked = askedBy(terms, escalationOf(request, terms, reviewer));
      const known = found.get(reviewer);
      found.set(reviewer, known ? merged(known, asked, terms) : { reviewer, ...asked, terms: [terms] });
    }
  }
  return [...found.values()];
}

/** The places where a request is asked as it stands. */
export function placesOf(request: Pick<Request, 'terms' | 'escalations'>): readonly AskedPlace[] {
  const found = new Map<string, AskedPlace>();
  const add = (channel: string, terms: Terms, escalated?: EscalationCause): void => {
    const known = found.get(channel);
    if (known) found.set(channel, { ...known, terms: [...new Set([...known.terms, terms])] });
    else found.set(channel, { channel, terms: [terms], ...(escalated === undefined ? {} : { escalated }) });
  };
  for (const terms of request.terms) for (const name of places(terms.notify)) add(name, terms);
  for (const terms of request.terms)
    if (request.escalations?.some(({ rule, cause }) => rule === terms.rule && cause === 'time'))
      for (const name of places(terms.escalate?.notify)) add(name, terms, 'time');
  return [...found.values()];
}

type Asking = Pick<Listener, 'channels' | 'named' | 'escalated'>;

function askedBy(terms: Terms, escalation: EscalationState | undefined): Asking {
  const own = terms.notify?.filter(isPersonal) ?? BY_DEFAULT;
  const named = terms.notify !== undefined;
  if (!escalation) return { channels: own, named };
  if (escalation.cause === 'unreachable') return { channels: 'any', named: false, escalated: 'unreachable' };
  const theirs = (terms.escalate?.notify ?? []).filter(isPersonal);
  return theirs.length > 0
    ? { channels: theirs, named: true, escalated: 'time' }
    : { channels: own, named, escalated: 'time' };
}

function escalationOf(
  request: Pick<Request, 'escalations'>,
  { rule }: Terms,
  reviewer: string,
): EscalationState | undefined {
  return request.escalations?.find((each) => each.rule === rule && each.reviewers.includes(reviewer));
}

function merged(known: Listener, asked: Asking, terms: Terms): Listener {
  const { escalated, ...rest } = known;
  return {
    ...rest,
    channels:
      known.channels === 'any' || asked.channels === 'any'
        ? 'any'
        : [...new Set([...known.channels, ...asked.channels])],
    named: known.named || asked.named,
    terms: [...known.terms, terms],
    ...(escalated === undefined || asked.escalated === undefined ? {} : { escalated }),
  };
}

function places(names: readonly string[] = []): readonly string[] {
  return names.filter((name) => !isPersonal(name));
}
