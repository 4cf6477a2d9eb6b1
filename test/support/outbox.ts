import type { EntryOf, EntryType } from '../../src/core/entry.ts';
import type { Channel, Place } from '../../src/notify/channel.ts';
import { createOutbox, type OutboxOptions } from '../../src/notify/outbox.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { createMemoryRequests, PEOPLE } from './memory-requests.ts';

/** Lets everything run that waits for nothing but promises. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An outbox over requests in memory, with channels and places of the test; `restart` makes another over the same. */
export function setUpOutbox(
  channels: readonly Channel[],
  places: readonly Place[] = [],
  changes: Partial<OutboxOptions> = {},
) {
  const clock = new FakeClock();
  const random = seededRandom();
  const memory = createMemoryRequests(clock, random);
  const logged: string[] = [];
  const options: OutboxOptions = {
    requests: memory.requests,
    request: memory.requestWithId,
    update: memory.update,
    content: memory.content,
    people: () => PEOPLE,
    checkpoint: async () => undefined,
    channels,
    place: (name) => places.find((place) => place.name === name),
    digestAfter: 5,
    publicUrl: 'http://localhost:7447/',
    clock,
    random,
    log: (line) => logged.push(line),
    ...changes,
  };
  const entries = <T extends EntryType>(type: T) =>
    memory.entries.filter((entry): entry is EntryOf<T> => entry.type === type);
  const restart = (others: Partial<OutboxOptions>) => createOutbox({ ...options, ...others });
  return { clock, memory, logged, options, outbox: createOutbox(options), entries, restart };
}
