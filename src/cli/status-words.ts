import { revealedLine } from '../core/reveal.ts';
import { counted } from '../core/time-words.ts';
import type { HostStatus } from '../host/status.ts';

/** What a person at a terminal reads. Servers and agents wrote parts of it, which are shown for what they are. */
export function statusText(status: HostStatus): string {
  const lines = [
    `Placet ${status.software}, process ${status.pid}, serves ${status.workspace} at ${status.url}`,
    `Clients attached: ${status.sessions}. Journal: ${status.journal.entries} entries${
      status.journal.trouble === undefined ? '' : `, NOT WRITABLE: ${status.journal.trouble}`
    }.`,
    logLine(status.log),
    ...status.problems.map((problem) => `PROBLEM  ${problem}`),
    'Servers:',
    ...status.servers.map(
      (server) =>
        `  ${server.name}: ${server.state}, ${counted(server.tools, 'tool')}${server.error === undefined ? '' : ` (${server.error})`}`,
    ),
    status.requests.length === 0 ? 'Nothing is pending.' : 'Requests:',
    ...status.requests.map(
      (request) =>
        `  ${request.id}  ${request.state}  ${request.server} ${request.tool} for ${request.agent}, expires ${request.expires_at}`,
    ),
    ...status.undelivered.map((notice) => `  not delivered: ${named(notice)}${whyNot(notice)}`),
    ...status.gave_up.map((notice) => `  gave up: ${named(notice)} (${notice.error})`),
    ...status.uninvited.map(
      ({ person, error }) =>
        `  not delivered: invitation to ${person}${error === undefined ? '' : ` (${error})`}`,
    ),
    ...status.streams.map(
      ({ name, behind }) =>
        `Stream ${name}: ${behind === 0 ? 'has everything' : `${behind} entries behind`}.`,
    ),
  ];
  return lines.map(revealedLine).join('\n');
}

/** Words for what a notice is and where it goes. */
function named(notice: HostStatus['undelivered'][number]): string {
  const what = notice.notice.replaceAll('_', ' ');
  const where =
    notice.reviewer === undefined
      ? `in ${notice.channel}`
      : `to ${notice.reviewer}${notice.channel === 'none' ? '' : ` by ${notice.channel}`}`;
  return `${what} ${where} about ${notice.request_id}`;
}

function whyNot({ error, waits_until }: HostStatus['undelivered'][number]): string {
  if (error !== undefined) return ` (${error})`;
  return waits_until === undefined ? '' : ` (waits until ${waits_until})`;
}

function logLine({ checkpoint, witnesses, stamp }: HostStatus['log']): string {
  const signed = checkpoint
    ? `Newest checkpoint: ${checkpoint.size} entries, signed ${checkpoint.at}`
    : 'No checkpoint is signed yet';
  const cosigned = witnesses.map(({ name, size }) =>
    size === undefined ? `${name} has not cosigned yet` : `${name} cosigned ${size}`,
  );
  const stamped = stamp ? [`stamped ${stamp.size} at ${stamp.at}`] : [];
  return `${[signed, ...cosigned, ...stamped].join('; ')}.`;
}
