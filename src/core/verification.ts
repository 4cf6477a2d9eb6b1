import type { Verification } from './entry.ts';

const STRENGTH: Readonly<Record<Verification, number>> = { link: 0, sso: 1, passkey: 2 };

/** Whether a decision verified as `given` is strong enough where `demanded` is asked: higher satisfies lower. */
export function satisfies(given: Verification, demanded: Verification): boolean {
  return STRENGTH[given] >= STRENGTH[demanded];
}
