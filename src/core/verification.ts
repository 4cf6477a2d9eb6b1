import type { AdmittedWay, Terms, Verification, VerificationLevel } from './entry.ts';

const STRENGTH: Readonly<Record<VerificationLevel, number>> = { link: 0, sso: 1, passkey: 2 };

/** Weakest first. */
export const verificationLevels = Object.keys(STRENGTH) as readonly VerificationLevel[];

/** Whether a level is as strong as another at least. */
export function isAsStrong(given: VerificationLevel, demanded: VerificationLevel): boolean {
  return STRENGTH[given] >= STRENGTH[demanded];
}

export function isAdmitted(given: Verification): given is AdmittedWay {
  return given === 'slack' || given === 'api';
}

/**
 * Whether a decision verified as `given` is strong enough for these terms: a higher level satisfies a lower one, and
 * what is no level satisfies those that admit it, but never in the place of a passkey.
 */
export function satisfies(given: Verification, terms: Pick<Terms, 'verification' | 'admits'>): boolean {
  if (!isAdmitted(given)) return isAsStrong(given, terms.verification);
  return terms.verification !== 'passkey' && (terms.admits ?? []).includes(given);
}
