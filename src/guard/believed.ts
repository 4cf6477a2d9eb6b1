import type { SignOnReceipt } from '../core/entry.ts';
import type { Person } from '../core/person.ts';
import type { Policy } from '../core/policy.ts';
import type { GuardContext } from './context.ts';

/** For how long a decision believes what an identity provider said of somebody's groups. */
const BELIEVED_MS = 12 * 60 * 60 * 1000;

/** The policy by which a person decides at `at` (milliseconds since the epoch), with the sign-on that they have just made. */
export function policyAt(
  { policy }: Pick<GuardContext, 'policy'>,
  at: number,
  fresh?: { readonly person: Person; readonly receipt: SignOnReceipt },
): Policy {
  return policy({
    since: at - BELIEVED_MS,
    ...(fresh === undefined
      ? {}
      : {
          signOn: {
            person: fresh.person.id,
            groups: fresh.receipt.groups,
            at: fresh.receipt.auth_time,
          },
        }),
  });
}
