import { revealedLine } from '../core/reveal.ts';
import { counted, utc } from '../core/time-words.ts';
import type { SeenPlace } from './seen-check.ts';
import type { LogVerdict, Verdict } from './verdict.ts';

/** The verdict for people, several lines without a last line feed. What it quotes cannot hide anything. */
export function verdictText(verdict: Verdict): string {
  const { problems, problems_found: found, tail } = verdict;
  const lines = [
    ...entriesLines(verdict),
    ...(verdict.quick ? [] : payloadLines(verdict)),
    ...logLines(verdict),
    ...seenLines(verdict),
  ];
  if (tail) {
    lines.push(
      `${tail.file} ends with ${counted(tail.bytes, 'byte')} of an append that is not whole: a host is writing it, or the next start sets it aside.`,
    );
  }
  for (const problem of problems) {
    lines.push(`${problem.seq ?? '-'}  ${problem.code}  ${revealedLine(problem.message)}`);
  }
  if (found > problems.length) lines.push(`… and ${found - problems.length} more.`);
  lines.push(lastLine(verdict));
  return lines.join('\n');
}

function lastLine({ ok, quick, problems_found: found }: Verdict): string {
  if (!ok) return `The journal cannot be believed: ${counted(found, 'problem')} found.`;
  return quick
    ? 'The journal is whole as far as its bytes, tree and signatures go; what its entries say was not replayed.'
    : 'The journal is whole.';
}

function entriesLines(verdict: Verdict): readonly string[] {
  const { entries, requests, escalations, executions, decisions, solo_approvals: solo, signatures } = verdict;
  const all = entriesOf(entries);
  if (verdict.quick) return [`${all}. Without --quick they are replayed and payloads are compared, too.`];
  const { link, sso, passkey, slack, api } = decisions;
  const later = escalations === 0 ? '' : `, ${counted(escalations, 'escalation')}`;
  const elsewhere = slack + api === 0 ? '' : `, ${slack} in Slack, ${api} at the API`;
  return [
    `${all}, ${counted(requests, 'approval request')}${later}, ${counted(executions, 'execution')}.`,
    [
      `${counted(link + sso + passkey + slack + api, 'decision')}: ${link} by link, ${sso} by single sign-on, ${passkey} by passkey${elsewhere}`,
      `; ${counted(solo, 'solo approval')}. `,
      `${counted(signatures, 'signature')} ${were(signatures)} checked again.`,
    ].join(''),
  ];
}

function payloadLines({ payloads }: Verdict): readonly string[] {
  const { checked, erased, missing, erasing, unread } = payloads;
  if (unread) return ['No payload was compared: the key of the workspace is not here.'];
  const lines = [
    `${counted(checked, 'payload')} ${checked === 1 ? 'is' : 'are'} what was committed to; ${erased} erased, ${missing} missing.`,
  ];
  if (missing > 0)
    lines.push(
      `${counted(missing, 'payload')} ${were(missing)} lost, as no entry tells of an erasure: what stood in ${missing === 1 ? 'it' : 'them'} cannot be shown any more. The log itself is not changed by that.`,
    );
  if (erasing > 0)
    lines.push(
      `The payloads of ${counted(erasing, 'call')} were ordered to be erased, and it is not finished: the next start of the host does it.`,
    );
  return lines;
}

function logLines({ entries, log }: Verdict): readonly string[] {
  const { keys, checkpoints, tiles, stamps, newer, head, pinned } = log;
  if (keys.length === 0)
    return ['Nothing is signed: the journal names no key, as those from before 0.3.0 do not.'];
  const lines = keys.map(
    ({ key, from }, i) => `${i === 0 ? 'Signed' : 'Then'} by ${key} from entry ${from} on.`,
  );
  if (pinned !== undefined && keys.some(({ key }) => key === pinned))
    lines.push('That is the key that was given.');
  const { kept, right, newest } = checkpoints;
  lines.push(
    newest
      ? `${right} of ${counted(kept, 'checkpoint')} kept here ${right === 1 ? 'is' : 'are'} over what stands and signed; the newest covers ${entriesOf(newest.size)}${newest.at === undefined ? '' : `, signed ${utc(newest.at)}`}.`
      : `${counted(kept, 'checkpoint')} kept here, and none that holds.`,
  );
  if (checkpoints.trusted > 0)
    lines.push(
      `Of ${counted(checkpoints.trusted, 'older checkpoint')} the signature was not checked, as they are over the same tree: without --quick it is.`,
    );
  if (newer > 0)
    lines.push(`${entriesOf(newer)} ${newer === 1 ? 'is' : 'are'} newer than the last checkpoint.`);
  lines.push(
    `${counted(tiles.checked, 'tile')} ${tiles.checked === 1 ? 'is' : 'are'} of these entries${tiles.missing > 0 ? `, and ${tiles.missing} ${tiles.missing === 1 ? 'is' : 'are'} not there: "placet log rebuild" makes them` : ''}.`,
    ...cosignedLines(log),
  );
  if (stamps.kept > 0) {
    const { newest: stamp } = stamps;
    lines.push(
      `${stamps.right} of ${counted(stamps.kept, 'time stamp')} hold${stamp ? `; the newest says that ${entriesOf(stamp.size)} stood at ${utc(stamp.time)}, by ${revealedLine(stamp.authority)}${stamp.trusted ? '' : ' (whether it is that authority was not checked: PLACET_TSA_CA is not set)'}` : ''}.`,
    );
  }
  if (head !== 'held' && entries > 0)
    lines.push(
      `Whether entries behind the last checkpoint were cut off cannot be told: ${head === 'none' ? 'the mark of the host is not there' : 'the key of the workspace is not here'}.`,
    );
  return lines;
}

function cosignedLines({ checkpoints }: LogVerdict): readonly string[] {
  const { cosignatures, cosigned } = checkpoints;
  if (!cosigned) return [];
  return [
    `${counted(cosignatures, 'cosignature')} of witnesses hold${cosignatures === 1 ? 's' : ''}; the newest is by ${cosigned.by} over ${entriesOf(cosigned.size)}, ${utc(cosigned.at)}.`,
  ];
}

function seenLines({ log, seen }: Verdict): readonly string[] {
  if (!seen) {
    if (log.keys.length === 0) return [];
    return [
      'Nothing that was kept elsewhere was compared. Whoever has the log’s key could have rewritten it all: --witness takes mails and checkpoints that show it.',
    ];
  }
  const { given, extended, oldest, newest, of_other_logs: others } = seen;
  const range =
    oldest && newest
      ? oldest.where === newest.where
        ? `: ${placeWords(newest)}`
        : `: from ${placeWords(oldest)}, to ${placeWords(newest)}`
      : '';
  return [
    `This journal extends ${extended} of ${counted(given, 'checkpoint')} that ${were(given)} kept elsewhere${range}.`,
    ...Object.entries(others).map(
      ([origin, count]) =>
        `${count} of them ${count === 1 ? 'is' : 'are'} of another log, ${revealedLine(origin)}.`,
    ),
  ];
}

function placeWords({ where, size, sent }: SeenPlace): string {
  return `${entriesOf(size)} (${revealedLine(where)}${sent === undefined ? '' : `, sent ${utc(sent)}`})`;
}

function entriesOf(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}

function were(count: number): string {
  return count === 1 ? 'was' : 'were';
}
