import type { Entry } from '../core/entry.ts';
import { canonicalJson } from '../core/json.ts';
import { revealedLine } from '../core/reveal.ts';
import type { Verdict } from './verify.ts';

/** The verdict for people, several lines without a last line feed. What it quotes cannot hide anything. */
export function verdictText(verdict: Verdict): string {
  const { entries, requests, executions, payloads, problems, problems_found: found, tail } = verdict;
  const lines = [
    `${counted(entries, 'entry', 'entries')}, ${counted(requests, 'approval request', 'approval requests')}, ${counted(executions, 'execution', 'executions')}.`,
    decisionsLine(verdict),
    `${counted(payloads.checked, 'payload is', 'payloads are')} what was committed to; ${payloads.erased} erased, ${payloads.missing} missing.`,
  ];
  if (tail) {
    lines.push(
      `${tail.file} ends with ${counted(tail.bytes, 'byte', 'bytes')} of an append that is not whole: a host is writing it, or the next start sets it aside.`,
    );
  }
  for (const problem of problems) {
    lines.push(`${problem.seq ?? '-'}  ${problem.code}  ${revealedLine(problem.message)}`);
  }
  if (found > problems.length) lines.push(`… and ${found - problems.length} more.`);
  lines.push(
    verdict.ok
      ? 'The journal is whole.'
      : `The journal cannot be believed: ${counted(found, 'problem', 'problems')} found.`,
  );
  return lines.join('\n');
}

function decisionsLine({ decisions, solo_approvals: solo, signatures }: Verdict): string {
  const { link, sso, passkey } = decisions;
  const all = counted(link + sso + passkey, 'decision', 'decisions');
  return [
    `${all}: ${link} by link, ${sso} by single sign-on, ${passkey} by passkey`,
    `; ${counted(solo, 'solo approval', 'solo approvals')}. `,
    `${counted(signatures, 'signature was', 'signatures were')} checked again.`,
  ].join('');
}

/** One line for people: number, time, kind, and what the entry says. */
export function entryLine(entry: Entry): string {
  const { v: _v, seq, id: _id, time, type, node: _node, more: _more, ...members } = entry;
  const words = Object.entries(members).map(([name, value]) => `${name}=${word(value)}`);
  return [String(seq).padStart(6), time, type, ...words].join('  ');
}

/** Every member of an entry, one a line. */
export function entryText(entry: Entry): string {
  return Object.entries(entry)
    .map(([name, value]) => `${name.padEnd(18)} ${word(value)}`)
    .join('\n');
}

/** The line as it stands in the journal, for programs. */
export function entryJson(entry: Entry): string {
  return canonicalJson(entry);
}

function word(value: unknown): string {
  return revealedLine(typeof value === 'string' && value !== '' ? value : canonicalJson(value));
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
