import type { AdmittedWay, Terms, VerificationLevel } from '../core/entry.ts';
import { asEscalated } from '../core/escalation.ts';
import type { JsonObject } from '../core/json.ts';
import type { DefinitionsView, IdentitiesView } from '../core/ledger.ts';
import { isAuditor, principals, sameHuman, type People, type Person } from '../core/person.ts';
import { judge, type Policy, type Verdict } from '../core/policy.ts';
import type { Request } from '../core/request.ts';
import { isAsStrong, satisfies } from '../core/verification.ts';

/** What one person may do about one request, as things stand. */
export interface Rights {
  /** The request's terms that name the person. */
  readonly own: readonly Terms[];
  /** The agent acts for this person, under whatever entry of the directory, and no exception holds. */
  readonly self: boolean;
  /** The agent acts for this person, who is the only human, as the request and people.yaml both say. */
  readonly solo: boolean;
  /** The person is an auditor now, who decides nothing whatever the request's terms say: `own` is empty. */
  readonly auditor: boolean;
  /** Under the policy in force the person may still approve. */
  readonly eligible: boolean;
  /** Why the policy in force denies the call, if it does. */
  readonly denied?: string;
  /** The weakest verification of an approval that counts. */
  readonly demanded: VerificationLevel;
  /** What counts besides, for all terms of the request that name the person and for all of those in force. */
  readonly admits: readonly AdmittedWay[];
  /** How long ago a sign-on may have been, in milliseconds. */
  readonly max_age_ms: number;
  readonly reason: 'optional' | 'required';
  /** Every rule of the request, and every one in force, lets secrets be shown to who may decide; never for solo. */
  readonly reveal: boolean;
  /** The human has had a passkey, so that their mailbox does not approve any more. */
  readonly enrolled: boolean;
  /** Accounts at an identity provider are linked to the human. */
  readonly linked: boolean;
}

export interface RightsQuestion {
  readonly request: Request;
  readonly reviewer: Person;
  readonly args: JsonObject;
  readonly tags: readonly string[];
  /** The policy in force, its groups as they are believed now. */
  readonly policy: Policy;
  readonly identities: Pick<IdentitiesView, 'hasEnrolled'>;
  readonly definitions: Pick<DefinitionsView, 'isChanged'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const MAX_AGE_MS = 5 * 60_000;

export function rightsOf(question: RightsQuestion): Rights {
  const { request, reviewer, policy, identities } = question;
  const { people } = policy;
  const auditor = isAuditor(reviewer, people);
  const own = auditor ? [] : named(request.terms, reviewer);
  const verdict = verdictNow(question);
  const now =
    verdict.kind === 'review'
      ? named(
          verdict.asked.map((each) => asEscalated(each.terms, request, question.now)),
          reviewer,
        )
      : undefined;
  const asking = isAskedFor(request, reviewer, people);
  const solo = asking && !auditor && maySolo(request, reviewer, people);
  const entries = people.people.filter((person) => sameHuman(person, reviewer));
  return {
    own,
    self: asking && !solo,
    solo,
    auditor,
    eligible: !auditor && (verdict.kind === 'allow' || (now !== undefined && now.length > 0)),
    ...(verdict.kind === 'deny' ? { denied: verdict.reason } : {}),
    demanded: solo ? 'passkey' : stronger(weakest(own), weakest(now ?? [])),
    admits: solo ? [] : admitted(own).filter((way) => now === undefined || admitted(now).includes(way)),
    max_age_ms: maxAgeOf([...own, ...(now ?? [])]),
    reason: own.some((terms) => terms.reason === 'required') ? 'required' : 'optional',
    reveal: !asking && request.terms.every((terms) => terms.reveal) && allowsReveal(verdict),
    enrolled: [reviewer, ...entries].some((person) => identities.hasEnrolled(person.id)),
    linked: [reviewer, ...entries].some((person) => (person.sso ?? []).length > 0),
  };
}

/** Whether the agent asks on this person's behalf: as its owner then or now, whom the owner acts for, or another entry of either. */
export function isAskedFor(
  request: Pick<Request, 'agent' | 'owner'>,
  person: Person,
  people: People,
): boolean {
  const agent = people.agents.find((each) => each.id === request.agent);
  return [...new Set([request.owner, agent?.owner ?? request.owner])]
    .flatMap((owner) => principals(owner, people))
    .some((principal) => sameHuman(principal, person));
}

/** Whether the request's terms and people.yaml both declare this person to be the only human. */
export function maySolo(request: Pick<Request, 'terms'>, person: Person, people: People): boolean {
  const own = named(request.terms, person);
  return people.solo === true && own.length > 0 && own.every((terms) => terms.solo === true);
}

function allowsReveal(verdict: Verdict): boolean {
  return (
    verdict.kind === 'allow' ||
    (verdict.kind === 'review' && verdict.asked.every(({ terms }) => terms.reveal))
  );
}

function named(terms: readonly Terms[], person: Person): readonly Terms[] {
  return terms.filter((each) => each.reviewers.includes(person.id));
}

function verdictNow({ request, args, tags, policy, definitions, now }: RightsQuestion): Verdict {
  const { agent, owner, server, tool } = request;
  const changed = definitions.isChanged(server, tool, request.definition_sha256);
  const asked_at = new Date(request.requested_at);
  return judge({ agent, owner, server, tool, tags, args, now: new Date(now), asked_at, changed }, policy);
}

function maxAgeOf(terms: readonly Terms[]): number {
  const ages = terms.flatMap((each) => (each.max_age_ms === undefined ? [] : [each.max_age_ms]));
  return ages.length === 0 ? MAX_AGE_MS : Math.min(...ages);
}

function admitted(terms: readonly Terms[]): readonly AdmittedWay[] {
  return (['slack', 'api'] as const).filter(
    (way) => terms.length > 0 && terms.every((each) => satisfies(way, each)),
  );
}

function weakest(terms: readonly Terms[]): VerificationLevel {
  const found = (['link', 'sso'] as const).find((each) =>
    terms.some(({ verification }) => verification === each),
  );
  return found ?? (terms.length === 0 ? 'link' : 'passkey');
}

function stronger(a: VerificationLevel, b: VerificationLevel): VerificationLevel {
  return isAsStrong(a, b) ? a : b;
}
