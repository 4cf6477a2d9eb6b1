import type { AskNotice, DigestNotice, OutcomeNotice } from '../../src/notify/channel.ts';
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

/** So many questions to Alice at once, each with a link of its own. */
export async function digestNotice(
  count: number,
  made: NewRequest = {},
  clock = new FakeClock(),
): Promise<DigestNotice> {
  const memory = createMemoryRequests(clock, seededRandom());
  const [alice] = PEOPLE.people;
  if (!alice) throw new Error('nobody to ask');
  const asks = Array.from({ length: count }, async (_, index) => {
    const request = memory.open(made);
    const names = { alice: 'Alice Ng', bob: 'Bob Lee', carol: 'Carol Diaz' };
    const link = `http://localhost:7447/r/${String(index + 1).padStart(3, '0')}${'Tk'.repeat(20)}`;
    return { kind: 'ask' as const, round: 0, request, ...(await memory.content(request)), names, link };
  });
  return {
    id: `dig_${'0123456789abcdef'.repeat(2)}`,
    to: alice,
    asks: await Promise.all(asks),
    console: 'http://localhost:7447/console',
  };
}
