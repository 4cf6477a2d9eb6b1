import type { Channel, Delivered, Notice } from '../../src/notify/channel.ts';
import type { Person } from '../../src/core/person.ts';

/** One delivery that a fake channel was asked for; the test decides how it ends. */
export interface Attempt {
  readonly notice: Notice;
  succeed(): void;
  fail(error: Error): void;
}

/** A fake channel: it answers only when the test says so. */
export function createFakeChannel(name = 'fake', reaches: (person: Person) => boolean = () => true) {
  const attempts: Attempt[] = [];
  const waiting: (() => void)[] = [];
  const channel: Channel = {
    name,
    reaches,
    deliver: (notice) =>
      new Promise<Delivered>((resolve, reject) => {
        attempts.push({
          notice,
          succeed: () => resolve({ message_id: `<${notice.kind}.${notice.to.id}@${name}>` }),
          fail: reject,
        });
        for (const check of waiting) check();
      }),
  };
  /** Resolves once there have been so many attempts in all. */
  const attempted = (count: number): Promise<readonly Attempt[]> =>
    new Promise((resolve) => {
      const check = () => {
        if (attempts.length >= count) resolve(attempts);
      };
      waiting.push(check);
      check();
    });
  return { channel, attempts, attempted };
}
