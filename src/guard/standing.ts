import { timestamp, type Clock } from '../core/clock.ts';
import { asEscalated, withEverybody } from '../core/escalation.ts';
import type { JsonObject } from '../core/json.ts';
import type { DefinitionsView, IdentitiesView, ReviewerAccessView } from '../core/ledger.ts';
import { isAuditor, isContradicted, sameHuman, type Person } from '../core/person.ts';
import { judge, type Policy } from '../core/policy.ts';
import { approvers } from '../core/quorum.ts';
import { isOver, type Decision, type Request } from '../core/request.ts';
import { isAskedFor, maySolo } from './rights.ts';

/** Why an approved request may not be started after all. */
export type Obstacle =
  | { readonly resolution: 'expired'; readonly reason: string }
  | { readonly resolution: 'voided'; readonly reason: string };

export interface StandingQuestion {
  readonly request: Request;
  readonly args: JsonObject;
  readonly tags: readonly string[];
  /** The policy in force now. */
  readonly policy: Policy;
  readonly identities: Pick<IdentitiesView, 'passkey'>;
  readonly reviewerAccess: Pick<ReviewerAccessView, 'holds'>;
  readonly definitions: Pick<DefinitionsView, 'isChanged'>;
  readonly clock: Clock;
}

/**
 * Repeats every check that does not need the downstream: expiry, the agent and its owner, each approver's
 * eligibility, the terms recorded at the request and those in force now.
 *
 * @returns nothing when the approval still holds
 */
export function obstacleTo(question: StandingQuestion): Obstacle | undefined {
  const { request, args, tags, policy, clock } = question;
  if (isOver(request, timestamp(clock))) {
    return { resolution: 'expired', reason: 'It expired before it could be started.' };
  }
  const agent = policy.people.agents.find((each) => each.id === request.agent);
  if (!agent) return voided(`The agent ${request.agent} is no longer known.`);
  if (agent.owner !== request.owner) return voided(`The agent ${request.agent} has another owner now.`);
  const votes = eligibleVotes(question);
  for (const terms of request.terms) {
    if (approvers(terms, votes).size < terms.quorum) {
      return voided(`An approver is no longer eligible, so the quorum of the rule ${terms.rule} is lost.`);
    }
  }
  const verdict = judge(
    {
      agent: request.agent,
      owner: request.owner,
      server: request.server,
      tool: request.tool,
      tags,
      args,
      now: new Date(clock.now()),
      asked_at: new Date(request.requested_at),
      changed: question.definitions.isChanged(request.server, request.tool, request.definition_sha256),
    },
    policy,
  );
  if (verdict.kind === 'deny') return voided(`The policy denies this call now: ${verdict.reason}`);
  if (verdict.kind === 'review') {
    for (const { terms } of verdict.asked) {
      const counted = votes.filter(({ reviewer, at }) =>
        asEscalated(terms, request, Date.parse(at)).reviewers.includes(reviewer),
      );
      if (approvers(withEverybody(terms), counted).size < terms.quorum) {
        return voided(`The rule ${terms.rule} asks for more now than was approved.`);
      }
    }
  }
  return undefined;
}

/** Votes of people who still exist and are no auditors, for whom the agent does not ask, whose keys still hold, each human once. */
function eligibleVotes(question: StandingQuestion): readonly Decision[] {
  const { request, policy } = question;
  const counted: Person[] = [];
  return request.decisions.filter((decision) => {
    const person = policy.people.people.find((each) => each.id === decision.reviewer);
    if (!person || isAuditor(person, policy.people)) return false;
    if (!isOfAnother(decision, person, question) || !keyHolds(decision, question)) return false;
    if (counted.some((other) => sameHuman(other, person))) return false;
    counted.push(person);
    return true;
  });
}

/** Whoever the agent asks for counts only as the one human that request, people.yaml and the vote itself declare. */
function isOfAnother(decision: Decision, person: Person, { request, policy }: StandingQuestion): boolean {
  if (!isAskedFor(request, person, policy.people)) return decision.solo === undefined;
  return (
    decision.solo === true && decision.verification === 'passkey' && maySolo(request, person, policy.people)
  );
}

function keyHolds(
  { verification, credential_id, reviewer, spoken }: Decision,
  { identities, reviewerAccess, policy }: StandingQuestion,
): boolean {
  if (spoken) {
    const person = policy.people.people.find((each) => each.id === reviewer);
    if (spoken.kind === 'slack' && person && isContradicted(person, spoken.user, policy.people)) return false;
    return reviewerAccess.holds(reviewer, spoken);
  }
  if (verification !== 'passkey') return true;
  const key = credential_id === undefined ? undefined : identities.passkey(credential_id);
  return key?.person === reviewer && key.revoked === undefined;
}

function voided(reason: string): Obstacle {
  return { resolution: 'voided', reason };
}
