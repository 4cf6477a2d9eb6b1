import type {
  AskNotice,
  DigestNotice,
  OutcomeNotice,
  PlaceAsk,
  PlaceNotice,
} from '../../src/notify/channel.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { createMemoryRequests, PEOPLE, type NewRequest } from './memory-requests.ts';

export const LINK = `http://localhost:7447/r/${'Tk'.repeat(21)}A`;

/**
 * A question to Alice about a request.
 *
 * @param seed makes another request of it
 */
export async function askNotice(
  made: NewRequest = {},
  clock = new FakeClock(),
  seed = 1,
): Promise<AskNotice> {
  const memory = createMemoryRequests(clock, seededRandom(seed));
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
  seed = 1,
): Promise<OutcomeNotice> {
  const memory = createMemoryRequests(clock, seededRandom(seed));
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

/** Of a request in the console, where who reads it must sign in. */
export function consoleLink(requestId: string): string {
  return `http://localhost:7447/console/requests/${requestId}`;
}

/** The question of `askNotice`, put to a place. */
export async function placeAsk(made: NewRequest = {}, clock = new FakeClock(), seed = 1): Promise<PlaceAsk> {
  const { to: _to, ...asked } = await askNotice(made, clock, seed);
  return { ...asked, link: consoleLink(asked.request.id) };
}

/** What a place is told of the outcome of `outcomeNotice`. */
export async function placeOutcome(
  made: NewRequest = {},
  reason = 'Not today',
  clock = new FakeClock(),
  seed = 1,
): Promise<PlaceNotice> {
  const { to: _to, as: _as, ...told } = await outcomeNotice(made, reason, clock, seed);
  return told;
}

/** So many questions to Alice in one message, each with a link of its own. */
export async function digestNotice(
  count: number,
  made: (index: number) => NewRequest = () => ({}),
  clock = new FakeClock(),
): Promise<DigestNotice> {
  const memory = createMemoryRequests(clock, seededRandom());
  const [alice] = PEOPLE.people;
  if (!alice) throw new Error('nobody to ask');
  const names = { alice: 'Alice Ng', bob: 'Bob Lee', carol: 'Carol Diaz' };
  const asks: DigestNotice['asks'][number][] = [];
  for (let index = 0; index < count; index += 1) {
    const request = memory.open(made(index));
    const link = `http://localhost:7447/r/${String(index).padStart(3, '0')}${'Dg'.repeat(20)}`;
    asks.push({ kind: 'ask', round: 0, request, ...(await memory.content(request)), names, link });
  }
  return {
    to: alice,
    asks,
    console: 'http://localhost:7447/console',
    id: `dig_${'0123456789abcdef'.repeat(2)}`,
  };
}
