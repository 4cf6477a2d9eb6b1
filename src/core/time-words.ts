const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An RFC 3339 time as `23 Nov 2026, 10:30 UTC`. */
export function utc(time: string): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}

/** A duration in milliseconds in words, rounded down to the coarser unit: `28 minutes`, `2 hours`. */
export function duration(ms: number): string {
  if (ms < MINUTE) return 'less than a minute';
  if (ms < 2 * HOUR) return counted(Math.floor(ms / MINUTE), 'minute');
  if (ms < 2 * DAY) return counted(Math.floor(ms / HOUR), 'hour');
  return counted(Math.floor(ms / DAY), 'day');
}

/**
 * How long it still is until an RFC 3339 time, at `now` (milliseconds since the epoch), to the nearest minute: what
 * holds for a day is not called 23 hours because some milliseconds of it have passed.
 */
export function untilInWords(time: string, now: number): string {
  const minutes = Math.round((Date.parse(time) - now) / MINUTE);
  return duration(minutes * MINUTE);
}

export function counted(count: number, unit: string): string {
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;
}
