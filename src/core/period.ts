import type { Period } from './evidence.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** RFC 3339, with what it leaves to choice. */
const TIME = /^(\d{4}-\d\d-\d\d)[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A time of RFC 3339, or a day, which stands for its beginning, in UTC with milliseconds; nothing where it is neither. */
export function beginningOf(text: string): string | undefined {
  return timeOf(text, 0);
}

/** The same, where a day stands for its end. */
export function endOf(text: string): string | undefined {
  return timeOf(text, DAY_MS);
}

/** The period from one day or time to another, or why there is none, in a sentence. */
export function periodOf(first: string, last: string): Period | string {
  const from = beginningOf(first);
  const to = endOf(last);
  const what = 'must be a day such as 2026-11-30, or a time such as 2026-11-30T12:00:00Z';
  if (from === undefined) return `The beginning of the period ${what}.`;
  if (to === undefined) return `The end of the period ${what}.`;
  if (from >= to) return 'The period must end after it begins.';
  return { from, to };
}

/** The words by which `periodOf` gives this period: days where it consists of whole ones. */
export function wordsOf({ from, to }: Period): { readonly first: string; readonly last: string } {
  const midnight = 'T00:00:00.000Z';
  return {
    first: from.endsWith(midnight) ? from.slice(0, 10) : from,
    last: to.endsWith(midnight) ? utc(Date.parse(to) - DAY_MS).slice(0, 10) : to,
  };
}

/** So many months that begin at the first of one, in UTC. @param month months since the year 0 */
function monthsFrom(month: number, count: number): Period {
  const firstOf = (each: number) => new Date(Date.UTC(Math.floor(each / 12), each % 12, 1)).toISOString();
  return { from: firstOf(month), to: firstOf(month + count) };
}

/** The calendar month that holds a time (milliseconds since the epoch), or one that is so many months off. */
export function monthOf(at: number, off = 0): Period {
  return monthsFrom(monthIn(at) + off, 1);
}

/** The quarter of the year that holds a time, or one that is so many quarters off. */
export function quarterOf(at: number, off = 0): Period {
  const month = monthIn(at);
  return monthsFrom(month - (month % 3) + 3 * off, 3);
}

function monthIn(at: number): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function timeOf(text: string, ofDay: number): string | undefined {
  if (DAY.test(text)) return isDay(text) ? utc(Date.parse(`${text}T00:00:00Z`) + ofDay) : undefined;
  const day = TIME.exec(text)?.[1];
  if (day === undefined || !isDay(day)) return undefined;
  const ms = Date.parse(text.toUpperCase().replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : utc(ms);
}

/** Whether the calendar has the day: Date goes over into the next month. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && utc(ms).startsWith(text);
}

function utc(ms: number): string {
  return new Date(ms).toISOString();
}
