import type {
  Channel,
  Delivered,
  DigestNotice,
  Notice,
  Place,
  PlaceNotice,
} from '../../src/notify/channel.ts';
import type { Person } from '../../src/core/person.ts';

/** One delivery that a fake channel or place was asked for; the test decides how it ends. */
export interface Given<T> {
  readonly notice: T;
  succeed(): void;
  fail(error: Error): void;
}

export type Attempt = Given<Notice>;

/** Keeps what was handed over, each under the id that it gets when the test lets it succeed. */
function desk<T>(idOf: (notice: T) => string) {
  const attempts: Given<T>[] = [];
  const waiting: (() => void)[] = [];
  const take = (notice: T): Promise<Delivered> =>
    new Promise<Delivered>((resolve, reject) => {
      attempts.push({ notice, succeed: () => resolve({ message_id: idOf(notice) }), fail: reject });
      for (const check of waiting) check();
    });
  /** Resolves once there have been so many attempts in all. */
  const attempted = (count: number): Promise<readonly Given<T>[]> =>
    new Promise((resolve) => {
      const check = () => {
        if (attempts.length >= count) resolve(attempts);
      };
      waiting.push(check);
      check();
    });
  return { attempts, attempted, take };
}

/** A fake channel: it answers only when the test says so. Without digests, unless it is told. */
export function createFakeChannel(
  name = 'email',
  {
    reaches = () => true,
    digests = false,
  }: { reaches?: (person: Person) => boolean; digests?: boolean } = {},
) {
  const singles = desk<Notice>((notice) => `<${notice.kind}.${notice.to.id}@${name}>`);
  const together = desk<DigestNotice>((digest) => `<${digest.id}@${name}>`);
  const channel: Channel = {
    name,
    reaches,
    deliver: singles.take,
    ...(digests ? { digest: together.take } : {}),
  };
  return { channel, attempts: singles.attempts, attempted: singles.attempted, digests: together };
}

/** A fake place: it answers only when the test says so. */
export function createFakePlace(name: string) {
  const { attempts, attempted, take } = desk<PlaceNotice>((notice) => `${notice.kind}@${name}`);
  const place: Place = { name, post: take };
  return { place, attempts, attempted };
}
