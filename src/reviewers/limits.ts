/**
 * What is counted: `link` unknown links by address, `confirm` failed decisions by link or session, `sign_in` failed
 * sign-ins by address, `code` wrong invitation codes by address, `api` all requests of one session or address.
 */
export type LimitKind = 'link' | 'confirm' | 'sign_in' | 'code' | 'api';

/** Rate limits and lockouts. Kept in memory: a restart forgets them, which only an operator can bring about. */
export interface Limits {
  /** Refuses without counting. @throws LimitError when there were too many failures lately */
  check(kind: LimitKind, key: string): Promise<void>;
  /** Counts one. @throws LimitError when that was one too many */
  count(kind: LimitKind, key: string): Promise<void>;
}
