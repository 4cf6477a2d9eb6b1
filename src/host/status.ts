import type { LastStamp } from '../attest/time-stamper.ts';
import type { WitnessState } from '../attest/witness-client.ts';
import type { Ledger } from '../core/ledger.ts';
import { isSettled, type Request } from '../core/request.ts';
import type { Journal } from '../journal/journal.ts';
import type { ServerState } from '../mcp/catalogue.ts';
import type { UndeliveredInvitation } from '../notify/invitations.ts';
import type { Undelivered } from '../notify/outbox.ts';
import type { StreamState } from '../stream/pump.ts';
import type { Transparency } from './transparency.ts';

/** What `placet status` says. Names and sentences only: no link, no address of a person, no argument. */
export interface HostStatus {
  readonly running: true;
  readonly software: string;
  readonly pid: number;
  readonly workspace: string;
  readonly url: string;
  readonly sessions: number;
  readonly journal: { readonly entries: number; readonly trouble?: string };
  /** The journal as a transparency log. `key`: the verifier key that signs it. Times are RFC 3339, UTC. */
  readonly log: {
    readonly key: string;
    readonly checkpoint?: { readonly size: number; readonly at: string };
    readonly witnesses: readonly WitnessState[];
    readonly stamp?: LastStamp;
    readonly trouble?: string;
  };
  /** Policy mistakes, refused tools, a missing mail server: what people of the workspace have to mend. */
  readonly problems: readonly string[];
  readonly servers: readonly {
    readonly name: string;
    readonly state: string;
    readonly tools: number;
    readonly error?: string;
  }[];
  /** Requests that are not settled, and those whose outcome nobody knows. */
  readonly requests: readonly {
    readonly id: string;
    readonly state: string;
    readonly agent: string;
    readonly server: string;
    readonly tool: string;
    readonly expires_at: string;
  }[];
  /** What people and places (those without a reviewer) have yet to be told. `waits_until`: RFC 3339, UTC. */
  readonly undelivered: readonly {
    readonly request_id: string;
    readonly reviewer?: string;
    readonly channel: string;
    readonly notice: string;
    readonly error?: string;
    readonly waits_until?: string;
  }[];
  /** What failed for good, of the requests above. */
  readonly gave_up: readonly {
    readonly request_id: string;
    readonly reviewer?: string;
    readonly channel: string;
    readonly notice: string;
    readonly error: string;
  }[];
  /** Invitations that could not be mailed yet. */
  readonly uninvited: readonly { readonly person: string; readonly error?: string }[];
  /** What security tools are sent: how far behind each stream is, and why. */
  readonly streams: readonly StreamState[];
}

export interface StatusSources {
  readonly software: string;
  readonly workspace: string;
  readonly url: string;
  readonly sessions: number;
  readonly journal: Journal;
  readonly transparency: Pick<Transparency, 'checkpoints' | 'witnesses' | 'lastStamp'>;
  readonly ledger: Ledger;
  readonly problems: readonly string[];
  readonly servers: readonly ServerState[];
  readonly undelivered: readonly Undelivered[];
  readonly uninvited: readonly UndeliveredInvitation[];
  readonly streams: readonly StreamState[];
}

export function statusOf(sources: StatusSources): HostStatus {
  const { software, workspace, url, sessions, journal, transparency, ledger, problems } = sources;
  const trouble = journal.trouble();
  const { checkpoints } = transparency;
  const newest = checkpoints.newest();
  const unsigned = checkpoints.trouble();
  const stamp = transparency.lastStamp();
  const open = [...ledger.requests()].filter(
    (request) => !isSettled(request) || request.phase.kind === 'outcome_unknown',
  );
  return {
    running: true,
    software,
    pid: process.pid,
    workspace,
    url,
    sessions,
    journal: { entries: journal.head().size, ...(trouble === undefined ? {} : { trouble }) },
    log: {
      key: checkpoints.verifier().vkey,
      ...(newest ? { checkpoint: { size: newest.size, at: newest.at } } : {}),
      witnesses: transparency.witnesses(),
      ...(stamp ? { stamp } : {}),
      ...(unsigned === undefined ? {} : { trouble: unsigned }),
    },
    problems,
    servers: sources.servers.map(({ name, state, tools, error }) => ({
      name,
      state,
      tools,
      ...(error === undefined ? {} : { error }),
    })),
    requests: open.map(({ id, phase, agent, server, tool, expires_at }) => ({
      id,
      state: phase.kind,
      agent,
      server,
      tool,
      expires_at,
    })),
    undelivered: sources.undelivered.map(
      ({ request_id, reviewer, channel, notice, failure, waits_until }) => ({
        request_id,
        ...(reviewer === undefined ? {} : { reviewer }),
        channel,
        notice,
        ...(failure === undefined ? {} : { error: failure }),
        ...(waits_until === undefined ? {} : { waits_until }),
      }),
    ),
    gave_up: open.flatMap(gaveUp),
    uninvited: sources.uninvited.map(({ person, failure }) => ({
      person,
      ...(failure === undefined ? {} : { error: failure }),
    })),
    streams: sources.streams,
  };
}

function gaveUp({ id, notices }: Request): HostStatus['gave_up'] {
  return notices.flatMap(({ reviewer, channel, notice, state, detail = '' }) =>
    state === 'sent'
      ? []
      : [
          {
            request_id: id,
            ...(reviewer === undefined ? {} : { reviewer }),
            channel,
            notice,
            error: detail,
          },
        ],
  );
}
