import { actionDigest } from '../core/action.ts';
import type { Entry, EntryOf } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { timeOfId } from '../core/ids.ts';
import { Ledger } from '../core/ledger.ts';
import { approvers, resolve } from '../core/quorum.ts';

/** Says what is wrong with the entry at hand: a stable code, and the rest of a sentence. */
export type Report = (code: string, why: string) => void;

export interface EntryCheck {
  /** Entries have to come in order. */
  check(entry: Entry, report: Report): void;
  counts(): { readonly requests: number; readonly executions: number };
}

const DAY = 24 * 60 * 60 * 1000;
/** Placet is younger. */
const EARLIEST = Date.parse('2024-01-01T00:00:00.000Z');

/** Checks what entries say, each against all before it. */
export function createEntryCheck(now: number): EntryCheck {
  const ledger = new Ledger();
  let previous = EARLIEST;
  let requests = 0;
  let executions = 0;

  function checkTime(entry: Entry, report: Report): void {
    const time = Date.parse(entry.time);
    if (time < EARLIEST || time > now + DAY) report('time', `its time ${entry.time} cannot be`);
    else if (time < previous - DAY)
      report('time', `it is of ${entry.time}, more than a day before the one before it`);
    if (timeOfId(entry.id) !== time) report('time', 'its id was not made at its time');
    previous = time;
  }

  function checkStart(entry: EntryOf<'execution.started'>, report: Report): void {
    const request = ledger.request(entry.request_id);
    if (!request) return;
    if (resolve(request.terms, request.decisions) !== 'approved') {
      report('no_quorum', `${request.id} was started without the approvals that its rules ask for`);
    }
    if (request.terms.some((terms) => approvers(terms, request.decisions).has(request.owner))) {
      report('owner_approved', `${request.id} was approved by the owner of its agent`);
    }
  }

  return {
    check(entry, report) {
      checkTime(entry, report);
      if (entry.type === 'call.requested' || entry.type === 'approval.requested') {
        if (actionDigest(entry) !== entry.action_digest) {
          report('action_digest', 'its action digest is not that of its action');
        }
      }
      if (entry.type === 'approval.requested') requests += 1;
      if (entry.type === 'execution.started') {
        executions += 1;
        checkStart(entry, report);
      }
      try {
        ledger.apply(entry);
      } catch (error) {
        report('illegal', `${entry.type} may not stand here. ${messageOf(error).replace(/\.$/, '')}`);
      }
    },
    counts: () => ({ requests, executions }),
  };
}
