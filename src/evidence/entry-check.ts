import { actionDigest } from '../core/action.ts';
import type { Entry, EntryOf, Verification } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { timeOfId } from '../core/ids.ts';
import { Book } from '../core/book.ts';
import { resolve } from '../core/quorum.ts';
import type { Decision } from '../core/request.ts';
import type { Report } from './problems.ts';
import { createReceiptCheck } from './receipt-check.ts';

export interface EntryCheck {
  /** Entries have to come in order. */
  check(entry: Entry, report: Report): void;
  counts(): EntryCounts;
}

export interface EntryCounts {
  /** Approval requests that were made. */
  readonly requests: number;
  /** How often more people were asked about one. */
  readonly escalations: number;
  /** Executions that were started. */
  readonly executions: number;
  /** Approvals and rejections, by how the person was verified. */
  readonly decisions: Readonly<Record<Verification, number>>;
  /** Of these, approvals of the call of one's own agent, in a workspace of one person. */
  readonly solo_approvals: number;
  /** What was signed with passkeys and checked again: decisions, sign-ins, keys added and revoked. */
  readonly signatures: number;
}

const DAY = 24 * 60 * 60 * 1000;
/** Placet is younger. */
const EARLIEST = Date.parse('2024-01-01T00:00:00.000Z');

/** Checks what entries say, each against all before it. */
export function createEntryCheck(now: number): EntryCheck {
  const ledger = new Book();
  let previous = EARLIEST;
  let requests = 0;
  let escalations = 0;
  let executions = 0;
  let soloApprovals = 0;
  const decisions: Record<Verification, number> = { link: 0, sso: 0, passkey: 0, slack: 0, api: 0 };
  const receipts = createReceiptCheck(ledger);

  function checkTime(entry: Entry, report: Report): void {
    const time = Date.parse(entry.time);
    if (time < EARLIEST || time > now + DAY) report('time', `its time ${entry.time} cannot be`);
    else if (time < previous - DAY)
      report('time', `it is of ${entry.time}, more than a day before the one before it`);
    if (timeOfId(entry.id) !== time) report('time', 'its id was not made at its time');
    previous = time;
  }

  /** What spoke for a person has to do so until the call starts. */
  function stillHolds({ decision, spoken, reviewer }: Decision): boolean {
    return decision === 'reject' || spoken === undefined || ledger.reviewerAccess.holds(reviewer, spoken);
  }

  function checkStart(entry: EntryOf<'execution.started'>, report: Report): void {
    const request = ledger.request(entry.request_id);
    if (!request) return;
    if (resolve(request.terms, request.decisions.filter(stillHolds)) !== 'approved') {
      report('no_quorum', `${request.id} was started without the approvals that its rules ask for`);
    }
  }

  /** What the owner may approve of their own agent is what the workspace of one person declares, signed and marked. */
  function checkDecision(entry: EntryOf<'approval.decided'>, report: Report): void {
    decisions[entry.verification] += 1;
    if (entry.solo && entry.decision === 'approve') soloApprovals += 1;
    const request = ledger.request(entry.request_id);
    if (!request || entry.decision !== 'approve') return;
    if (entry.reviewer !== request.owner && !entry.solo) return;
    const own = request.terms.filter((terms) => terms.reviewers.includes(entry.reviewer));
    const declared = own.length > 0 && own.every((terms) => terms.solo);
    const signed = entry.verification === 'passkey' && entry.receipt?.kind === 'passkey';
    if (!declared || !signed || !entry.solo)
      report('owner_approved', `${request.id} was approved by the owner of its agent`);
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
      if (entry.type === 'approval.escalated') escalations += 1;
      if (entry.type === 'execution.started') {
        executions += 1;
        checkStart(entry, report);
      }
      if (entry.type === 'approval.decided') checkDecision(entry, report);
      receipts.check(entry, report);
      try {
        ledger.apply(entry);
      } catch (error) {
        report('illegal', `${entry.type} may not stand here. ${messageOf(error).replace(/\.$/, '')}`);
      }
    },
    counts: () => ({
      requests,
      escalations,
      executions,
      decisions: { ...decisions },
      solo_approvals: soloApprovals,
      signatures: receipts.count(),
    }),
  };
}
