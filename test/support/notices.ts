import type { AskNotice, OutcomeNotice } from '../../src/notify/channel.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { createMemoryRequests, PEOPLE, type NewRequest } from './memory-requests.ts';

export const LINK = `http://localhost:7447/r/${'Tk'.repeat(21)}A`;

/** A question to Alice about a request. */
export async function askNotice(made: NewRequest = {}, clock = new FakeClock()): Promise<AskNotice> {
  const memory = createMemoryRequests(clock, seededRandom());
  const request = memory.open(made);
  const [alice] = PEOPLE.people;
  if (!alice) throw new Error('nobody to ask');
  const names = { alice: 'Alice Ng', bob: 'Bob Lee', carol: 'Carol Diaz' };
  return { kind: 'ask', round: 0, request, ...(await memory.content(request)), names, to: alice, link: LINK };
}

/** What Alice is told after she rejected a request, with her reason. */
export async function outcomeNotice(
  made: NewRequest = {},
  reason = 'Not today',
  clock = new FakeClock(),
): Promise<OutcomeNotice> {
  const memory = createMemoryRequests(clock, seededRandom());
  const { id, action_digest, card_digest } = memory.open(made);
  memory.append([
    {
      type: 'approval.decided',
      request_id: id,
      reviewer: 'alice',
      verification: 'link',
      decision: 'reject',
      reason,
      opened_at: '2026-11-23T10:00:00.000Z',
      action_digest,
      card_digest,
    },
    { type: 'approval.resolved', request_id: id, resolution: 'rejected', reason: '' },
  ]);
  const [alice] = PEOPLE.people;
  if (!alice) throw new Error('nobody to tell');
  const request = memory.get(id);
  const names = { alice: 'Alice Ng' };
  return { kind: 'outcome', as: 'reviewer', request, ...(await memory.content(request)), to: alice, names };
}
