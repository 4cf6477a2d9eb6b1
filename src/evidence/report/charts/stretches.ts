import type { Period, Tally } from '../../../core/evidence.ts';
import type { Bar } from './bars.ts';

const DAY_MS = 86_400_000;
const MOST_COLUMNS = 62;

export interface Stretches {
  /** What one column stands for. */
  readonly unit: 'day' | 'week' | 'month' | 'year';
  /** Named by the day, month or year on which they begin; the values: held for people, not held. */
  readonly columns: readonly Bar[];
}

/** The days of a period with their calls, those without any among them; put together where they are too many. */
export function stretchesOf(period: Period, byDay: Tally['by_day']): Stretches {
  const first = Math.floor(Date.parse(period.from) / DAY_MS);
  const last = Math.max(first, Math.ceil(Date.parse(period.to) / DAY_MS) - 1);
  const days = last - first + 1;
  if (days <= MOST_COLUMNS) return { unit: 'day', columns: gathered(first, last, byDay, (day) => day) };
  if (days <= MOST_COLUMNS * 7) {
    const weekOf = (_day: string, index: number) => dayName(first + Math.floor(index / 7) * 7);
    return { unit: 'week', columns: gathered(first, last, byDay, weekOf) };
  }
  const length = days <= MOST_COLUMNS * 28 ? 7 : 4;
  const columns = gathered(first, last, byDay, (day) => day.slice(0, length));
  return { unit: length === 7 ? 'month' : 'year', columns };
}

function gathered(
  first: number,
  last: number,
  byDay: Tally['by_day'],
  nameOf: (day: string, index: number) => string,
): readonly Bar[] {
  const columns = new Map<string, [number, number]>();
  for (let day = first; day <= last; day += 1) {
    const date = dayName(day);
    const name = nameOf(date, day - first);
    const sums = columns.get(name) ?? [0, 0];
    const { calls, held } = byDay[date] ?? { calls: 0, held: 0 };
    sums[0] += held;
    sums[1] += calls - held;
    columns.set(name, sums);
  }
  return [...columns].map(([name, values]) => ({ name, values }));
}

function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
