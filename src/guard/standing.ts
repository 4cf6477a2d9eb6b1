import { timestamp, type Clock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import { sameHuman, type Person } from '../core/person.ts';
import { judge, type Policy } from '../core/policy.ts';
import { approvers } from '../core/quorum.ts';
import { isOver, type Decision, type Request } from '../core/request.ts';

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
  readonly clock: Clock;
}

/**
 * Repeats every check that does not need the downstream: expiry, the agent and its owner, each approver's
 * eligibility, the terms recorded at the request and those in force now.
 *
 * @returns nothing when the approval still holds
 */
export function obstacleTo({ request, args, tags, policy, clock }: StandingQuestion): Obstacle | undefined {
  if (isOver(request, timestamp(clock))) {
    return { resolution: 'expired', reason: 'It expired before it could be started.' };
  }
  const agent = policy.people.agents.find((each) => each.id === request.agent);
  if (!agent) return voided(`The agent ${request.agent} is no longer known.`);
  if (agent.owner !== request.owner) return voided(`The agent ${request.agent} has another owner now.`);
  const votes = eligibleVotes(request, policy);
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
    },
    policy,
  );
  if (verdict.kind === 'deny') return voided(`The policy denies this call now: ${verdict.reason}`);
  if (verdict.kind === 'review') {
    for (const { terms } of verdict.asked) {
      if (approvers(terms, votes).size < terms.quorum) {
        return voided(`The rule ${terms.rule} asks for more now than was approved.`);
      }
    }
  }
  return undefined;
}

/** Votes of people who still exist, are not the owner, and count once each as humans. */
function eligibleVotes(request: Request, policy: Policy): readonly Decision[] {
  const { people } = policy.people;
  const owner = people.find((person) => person.id === request.owner);
  const counted: Person[] = [];
  return request.decisions.filter((decision) => {
    const person = people.find((each) => each.id === decision.reviewer);
    if (!person || (owner && sameHuman(person, owner))) return false;
    if (counted.some((other) => sameHuman(other, person))) return false;
    counted.push(person);
    return true;
  });
}

function voided(reason: string): Obstacle {
  return { resolution: 'voided', reason };
}
