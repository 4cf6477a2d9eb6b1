import { seededRandom } from '../clock.ts';

/** Choices that are the same for the same seed. */
export interface Seeded {
  /** A whole number from 0 to `count - 1`. */
  readonly below: (count: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
  /** A copy in another order. */
  readonly shuffled: <T>(list: readonly T[]) => T[];
}

export function seeded(seed: number): Seeded {
  const random = seededRandom(seed);
  const below = (count: number): number => Buffer.from(random(6)).readUIntBE(0, 6) % count;
  return {
    below,
    pick<T>(from: readonly T[]): T {
      return from[below(from.length)] as T;
    },
    shuffled<T>(list: readonly T[]): T[] {
      const copy = [...list];
      for (let last = copy.length - 1; last > 0; last -= 1) {
        const other = below(last + 1);
        [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
      }
      return copy;
    },
  };
}
