import { DAY_MS } from './fields.ts';

/** RFC 3339, with what it leaves to choice. */
const TIME = /^(\d{4}-\d\d-\d\d)[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A time of RFC 3339, or a day, which stands for its end, in UTC with milliseconds; nothing where it is neither. */
export function endOf(text: string): string | undefined {
  if (DAY.test(text)) return isDay(text) ? utc(Date.parse(`${text}T00:00:00Z`) + DAY_MS) : undefined;
  const day = TIME.exec(text)?.[1];
  if (day === undefined || !isDay(day)) return undefined;
  const ms = Date.parse(text.toUpperCase().replace(' ', 'T'));
  return Number.isNaN(ms) ? undefined : utc(ms);
}

/** Minutes since midnight of `22:00`; nothing where it is no time of day. */
export function minutesOf(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** Whether it is the name of a time zone (IANA); offsets are none, as they do not know of summer. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Whether the calendar has the day: Date goes over into the next month. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && utc(ms).startsWith(text);
}

function utc(ms: number): string {
  return new Date(ms).toISOString();
}
