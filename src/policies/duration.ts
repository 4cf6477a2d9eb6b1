const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Timers hold at most 2^31 - 1 milliseconds, which is a little more. */
export const LONGEST_MS = 20 * UNIT_MS.d;

/** Milliseconds of a duration such as `20s`, `30m`, `2h` or `1d`, or nothing when it is not one or over 20 days. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,7})([smhd])$/.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return ms <= LONGEST_MS ? ms : undefined;
}

/** A duration as it would be written in a rule, in the largest unit that leaves no rest. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    if (ms > 0 && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  return `${ms / UNIT_MS.s}s`;
}
