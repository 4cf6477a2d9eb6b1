import { isAuditor, principals, sameHuman, type Away, type People, type Person } from './person.ts';

/** Somebody is away, and somebody else is asked in their place. */
export interface Delegation {
  readonly of: Person;
  readonly to: Person;
}

/** Who may decide, once those are among them who stand in for others. */
export interface StoodIn {
  readonly reviewers: readonly Person[];
  /** Those among them who are not asked, with whoever is. */
  readonly delegations: readonly Delegation[];
}

/** Whether a person is away at a time, in milliseconds since the epoch. */
export function isAway(person: Person, at: number): person is Person & { readonly away: Away } {
  return person.away !== undefined && at < Date.parse(person.away.until);
}

/**
 * The reviewers with their delegates: one for each who is away, one human once, and never anybody for whom the agent
 * asks. Who is away may decide all the same. Where fewer would be asked than must approve, everybody is.
 *
 * @param reviewers who may decide, one entry for each human
 */
export function withDelegates(
  reviewers: readonly Person[],
  options: {
    readonly owner: string;
    readonly people: People;
    /** When they are asked, in milliseconds since the epoch. */
    readonly at: number;
    readonly quorum: number;
  },
): StoodIn {
  const { owner, people, at, quorum } = options;
  const asking = principals(owner, people);
  const all = [...reviewers];
  const delegations: Delegation[] = [];
  for (const reviewer of reviewers) {
    const delegate = delegateOf(reviewer, { people, at, asking });
    if (!delegate) continue;
    delegations.push({ of: reviewer, to: delegate });
    if (!all.some((other) => sameHuman(other, delegate))) all.push(delegate);
  }
  const asked = all.length - delegations.length;
  return { reviewers: all, delegations: asked < quorum ? [] : delegations };
}

/**
 * Who is asked in a person's place: the first in the chain of delegates who is not away. Nobody, where the chain comes
 * to somebody for whom the agent asks, who must not choose who decides for them, to an auditor, or back to a human in it.
 */
function delegateOf(
  person: Person,
  {
    people,
    at,
    asking,
  }: { readonly people: People; readonly at: number; readonly asking: readonly Person[] },
): Person | undefined {
  const passed: Person[] = [];
  let here = person;
  while (isAway(here, at)) {
    passed.push(here);
    const { to } = here.away;
    const next = people.people.find(({ id }) => id === to);
    if (!next || isAuditor(next, people)) return undefined;
    if ([...passed, ...asking].some((other) => sameHuman(other, next))) return undefined;
    here = next;
  }
  return here === person ? undefined : here;
}
