import type { Entry } from '../../core/entry.ts';
import type { Exception, ExceptionKind } from '../../core/evidence.ts';
import { counted } from '../../core/time-words.ts';
import type { KnownCall } from './population.ts';

type Found = Pick<Exception, 'kind' | 'detail'> & { readonly person?: string };

/** Tells which entries are exceptions. It has to see every entry from the first on, as a change has something before it. */
export class Exceptions {
  #policy: string | undefined;
  #people: string | undefined;

  /** @param call that the entry is of, where it is known */
  take(entry: Entry, call?: KnownCall): Exception | undefined {
    const found = this.#found(entry);
    return found && { ...found, seq: entry.seq, at: entry.time, ...idsOf(entry), ...named(call) };
  }

  #found(entry: Entry): Found | undefined {
    switch (entry.type) {
      case 'policy.loaded': {
        const before = this.#policy;
        this.#policy = entry.policy.version;
        if (before === undefined) return undefined;
        return found(
          'policy_changed',
          `The policy ${this.#policy} of ${counted(entry.rules, 'rule')} took the place of ${before}.`,
        );
      }
      case 'people.changed': {
        const before = this.#people;
        this.#people = entry.version;
        if (before === undefined) return undefined;
        return found(
          'people_changed',
          `The directory ${this.#people} of ${peopleIn(entry.people)} and ${counted(entry.agents, 'agent')} took the place of ${before}.`,
        );
      }
      default:
        return foundAlone(entry);
    }
  }
}

/** What an entry tells of that needs nothing before it. */
function foundAlone(entry: Entry): Found | undefined {
  switch (entry.type) {
    case 'call.denied':
      return found('denied', entry.reason);
    case 'call.completed':
      if (entry.outcome !== 'unknown') return undefined;
      return found('outcome_unknown', entry.detail ?? 'Nobody knows what became of the call.');
    case 'approval.resolved':
      if (entry.resolution !== 'expired' && entry.resolution !== 'voided') return undefined;
      return found(entry.resolution, entry.reason);
    case 'approval.decided':
      if (entry.solo === undefined) return undefined;
      return found(
        'solo_approval',
        entry.reason ?? 'The owner decided for an agent of their own, as the workspace declares.',
        entry.reviewer,
      );
    case 'approval.escalated': {
      const why = entry.cause === 'time' ? 'nobody had decided in time' : 'no channel had reached anybody';
      const whom = entry.reviewers.length === 0 ? 'nobody more' : entry.reviewers.join(', ');
      return found('escalated', `As ${why}, the rule ${entry.rule} asked, too: ${whom}.`);
    }
    case 'verification.refused':
      return found('verification_refused', `By ${entry.verification}: ${entry.reason}`, entry.reviewer);
    case 'secret.revealed':
      return found(
        'secret_revealed',
        `Shown, verified by ${entry.verification}: ${entry.paths.join(', ')}.`,
        entry.reviewer,
      );
    case 'self_approval.refused':
      return found('self_approval_refused', entry.reason, entry.reviewer);
    case 'notice.failed':
      return found('notice_failed', `By ${entry.channel} (${entry.notice}): ${entry.detail}`, entry.reviewer);
    case 'execution.outcome_unknown':
      return found('outcome_unknown', entry.detail);
    case 'execution.reconciled':
      return found(
        'reconciled',
        `${entry.outcome === 'done' ? 'Done' : 'Not done'}: ${entry.reason}`,
        entry.reviewer,
      );
    case 'tool.registered':
      if (entry.late === undefined) return undefined;
      return found(
        'definition_changed',
        `The tool appeared after its server had listed its tools, with the definition ${entry.definition_sha256}.`,
      );
    case 'tool.definition_changed':
      return found(
        'definition_changed',
        `The definition ${entry.definition_sha256} took the place of ${entry.previous_sha256}.`,
      );
    case 'tool.definition_accepted':
      return found(
        'definition_accepted',
        `The definition ${entry.definition_sha256} was accepted${because(entry.reason)}`,
        entry.reviewer,
      );
    case 'log.key':
      if (entry.previous === undefined) return undefined;
      return found(
        'key_changed',
        `The log is signed under ${entry.key} from here on, and no more under ${entry.previous}${because(entry.reason)}`,
        entry.by,
      );
    case 'log.recovered':
      return found(
        'log_recovered',
        `${entry.lost_bytes} bytes at the journal's end were set aside as ${entry.kept_as}.`,
      );
    case 'payload.erasure_ordered':
      return found('payload_erased', entry.reason, entry.by);
    case 'hold.placed':
      return found(
        'hold',
        `Placed ${entry.call_id === undefined ? 'on every payload' : 'on one call'}: ${entry.reason}`,
        entry.by,
      );
    case 'hold.released':
      return found('hold', `Released: ${entry.reason}`, entry.by);
    case 'agent.key_issued':
      return found('agent_key', `A key was issued: ${entry.key_id}.`, entry.by);
    case 'agent.key_revoked':
      return found('agent_key', `A key was revoked: ${entry.key_id}. ${entry.reason}`, entry.by);
    case 'reviewer.key_issued':
      return found(
        'reviewer_key',
        `A key to ${entry.scope} was issued: ${entry.key_id}, until ${entry.expires_at}.`,
        entry.person,
      );
    case 'reviewer.key_revoked':
      return found(
        'reviewer_key',
        `A key was revoked by ${entry.by}: ${entry.key_id}. ${entry.reason}`,
        entry.person,
      );
    default:
      return undefined;
  }
}

function found(kind: ExceptionKind, detail: string, person?: string): Found {
  return { kind, detail, ...(person === undefined ? {} : { person }) };
}

function peopleIn(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '.' : `: ${reason}`;
}

/** As the entry itself has them. */
function idsOf(entry: Entry): Partial<Exception> {
  const ids: { -readonly [K in keyof Exception]?: Exception[K] } = {};
  if ('call_id' in entry && entry.call_id !== undefined) ids.call_id = entry.call_id;
  if ('request_id' in entry && entry.request_id !== undefined) ids.request_id = entry.request_id;
  if ('agent' in entry) ids.agent = entry.agent;
  if ('server' in entry) ids.server = entry.server;
  if ('tool' in entry) ids.tool = entry.tool;
  return ids;
}

function named(call: KnownCall | undefined): Partial<Exception> {
  if (!call) return {};
  const { call_id, request_id, agent, server, tool } = call;
  return { call_id, ...(request_id === undefined ? {} : { request_id }), agent, server, tool };
}
