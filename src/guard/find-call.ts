import { CustodyError } from '../core/errors.ts';
import { timeOfId } from '../core/ids.ts';
import type { Journal } from '../journal/journal.ts';
import { CallRecords, entryOf, type CallRecord } from './call-record.ts';

/**
 * The call of this id, or the call of the request of this id, with all its payloads: the journal is read once, and
 * only lines that name either are looked into.
 *
 * @throws CustodyError `unknown_call`
 */
export async function findCall(journal: Pick<Journal, 'readLines'>, id: string): Promise<CallRecord> {
  if (timeOfId(id) === undefined) throw unknown(id);
  const records = new CallRecords();
  const needles = [needle('call_id', id), needle('request_id', id)];
  let found: CallRecord | undefined;
  let ordered: CallRecord['ordered'];
  for await (const line of journal.readLines(0)) {
    if (!needles.some((each) => line.includes(each))) continue;
    const entry = entryOf(line);
    if (entry.type === 'payload.erasure_ordered') ordered = { at: entry.time, reason: entry.reason };
    // From here on, each of the two ids leads to it.
    if (entry.type === 'approval.requested')
      needles.splice(0, 2, needle('call_id', entry.call_id), needle('request_id', entry.request_id));
    found = records.take(entry) ?? found;
  }
  const [open] = records.open();
  if (!found && open) found = { ...open, open: true };
  if (!found) throw unknown(id);
  return { ...found, ...(ordered === undefined ? {} : { ordered }) };
}

function needle(member: string, id: string): Buffer {
  return Buffer.from(`${JSON.stringify(member)}:${JSON.stringify(id)}`);
}

function unknown(id: string): CustodyError {
  return new CustodyError(
    'unknown_call',
    `No call and no request has the id ${JSON.stringify(id)}; "placet log tail" shows those of the last ones.`,
  );
}
