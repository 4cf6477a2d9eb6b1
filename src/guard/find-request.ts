import { timeOfId } from '../core/ids.ts';
import type { Request } from '../core/request.ts';
import { transition } from '../core/transition.ts';
import type { GuardContext } from './context.ts';

/** The request of this id, however long ago: what the ledger let go of is folded anew from the journal. */
export async function findRequest(
  { ledger, journal }: Pick<GuardContext, 'ledger' | 'journal'>,
  requestId: string,
): Promise<Request | undefined> {
  const known = ledger.request(requestId);
  if (known) return known;
  if (timeOfId(requestId) === undefined) return undefined;
  let request: Request | undefined;
  for (const entry of await journal.readRequest(requestId)) request = transition(request, entry);
  return request;
}
