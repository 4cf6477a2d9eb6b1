import { revealedLine } from '../core/reveal.ts';
import { counted, utc } from '../core/time-words.ts';
import type { Erased, Held, Retained } from '../host/custody-ops.ts';

export function erasedText({ call_id, erased, gone_before: gone, before }: Erased): string {
  if (erased === 0) {
    return before === undefined
      ? `Nothing of ${call_id} was kept here any more; that it was ordered to be erased is journalled.`
      : `${call_id} was erased before, on ${utc(before.at)}: ${revealedLine(before.reason)}\nNothing of it was left, and nothing was changed.`;
  }
  const rest = gone === 0 ? '' : ` ${counted(gone, 'payload')} had been gone before.`;
  return `Erased: ${counted(erased, 'payload')} of ${call_id}.${rest} Nobody can read them or test a guess of them; the log verifies as before. Mails, backups and what servers wrote elsewhere are not touched by this.`;
}

export function heldText(hold: Held): string {
  return `Held: ${covered(hold)} until "placet log release ${hold.hold_id}".`;
}

export function releasedText(hold: Held): string {
  return `Released: ${hold.hold_id}, which held ${covered(hold)} since ${utc(hold.placed_at)}.`;
}

export function holdsText(holds: readonly Held[]): string {
  if (holds.length === 0) return 'Nothing is held.';
  return holds
    .map(
      (hold) =>
        `${hold.hold_id}  ${covered(hold)}, since ${utc(hold.placed_at)}: ${revealedLine(hold.reason)}`,
    )
    .join('\n');
}

export function retainedText(retained: Retained): string {
  const { dry_run, before, calls, payloads, held, under_way: underWay, first } = retained;
  const what = `${counted(payloads, 'payload')} of ${counted(calls, 'call')} made before ${utc(before)}`;
  const lines = [
    dry_run ? `Would be erased: ${what}.` : `Erased: ${what}.`,
    `Kept although as old: ${held.toLocaleString('en')} by legal holds, ${underWay.toLocaleString('en')} still under way or of unknown outcome.`,
    ...first.map(
      ({ call_id, time, server, tool }) =>
        `  ${utc(time)}  ${revealedLine(server)} ${revealedLine(tool)}  ${call_id}`,
    ),
  ];
  if (calls > first.length) lines.push(`  … and ${(calls - first.length).toLocaleString('en')} more.`);
  return lines.join('\n');
}

export function rotatedText({ previous, key }: { readonly previous: string; readonly key: string }): string {
  return `The log is signed under a new key:\n${key}\nThe one before it:\n${previous}\nGive the new one to whoever verifies the log, and to the witnesses that cosign it; the journal says which follows which.`;
}

function covered({ call_id }: Held): string {
  return call_id === undefined ? 'the payloads of all calls' : `the payloads of ${call_id}`;
}
