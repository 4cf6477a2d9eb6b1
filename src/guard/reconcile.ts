import type { Receipt } from '../core/entry.ts';
import { DecisionError } from '../core/errors.ts';
import type { Request } from '../core/request.ts';
import type { Found } from './access.ts';
import { mustBeNoAuditor } from './auditor.ts';
import { mustBeAsked, mustBeEligible, mustBeOfAnother, type DecideParts } from './decide.ts';
import { withoutSecrets } from './masking.ts';
import type { Reviews } from './ports.ts';
import { verifyPersonal } from './proof.ts';
import type { Rights } from './rights.ts';
import { rightsNow } from './rights-now.ts';
import { createShown, type Shown } from './shown.ts';

type Input = Parameters<Reviews['reconcile']>[0];

/** A person's word on an unknown outcome: by someone who was asked and may decide still, verified as a decision is. */
export function createReconcile(parts: DecideParts): Reviews['reconcile'] {
  const { context, contents, streams, doors, show, refuse } = parts;
  const shownOf = createShown(context, contents);

  function mustBePossible(input: Input, found: Found, shown: Shown, receipt?: Receipt): Rights {
    const { request, reviewer } = found;
    const { card } = shown;
    mustBeUnknown(request);
    const theirs = rightsNow(parts, found, shown, receipt);
    mustBeOfAnother(theirs);
    mustBeNoAuditor(reviewer, context.policy().people);
    mustBeAsked(theirs);
    // What the policy denies from now on has been sent all the same.
    if (theirs.denied === undefined) mustBeEligible(theirs);
    if (theirs.solo && input.proof.kind !== 'passkey') {
      throw new DecisionError(
        'verification_too_weak',
        'Nothing was recorded. On a call of your own agent your word counts with a passkey alone.',
      );
    }
    if (input.proof.kind === 'sso' && ![card.tool_name, card.tool].includes(input.proof.confirm.trim())) {
      throw new DecisionError(
        'confirm_mismatch',
        `Nothing was recorded. To confirm, type the tool's name exactly as it stands on the page: ${card.tool_name}`,
      );
    }
    if (input.reason.trim() === '') {
      throw new DecisionError('reason_required', 'Nothing was recorded. Say how you found out.');
    }
    return theirs;
  }

  return async (input) => {
    const { access, outcome, proof } = input;
    const found = await doors.find(access);
    const { reviewer } = found;
    const shown = await shownOf(found.request);
    try {
      const offered = proof.kind === 'sso' ? proof.sign_on : undefined;
      const { max_age_ms: maxAgeMs } = mustBePossible(input, found, shown, offered);
      const receipt = await verifyPersonal(context, {
        proof,
        reviewer,
        maxAgeMs,
        act: (nonce) => ({
          act: 'reconcile',
          request_id: found.request.id,
          action_digest: found.request.action_digest,
          outcome,
          reviewer: reviewer.id,
          nonce,
        }),
      });
      await streams.update(found.request.id, (request) => {
        mustBePossible(input, { request, reviewer }, shown, receipt);
        return [
          {
            type: 'execution.reconciled',
            request_id: request.id,
            reviewer: reviewer.id,
            outcome,
            reason: withoutSecrets(input.reason.trim()),
            ...(receipt === undefined ? {} : { receipt }),
          },
        ];
      });
    } catch (error) {
      throw await refuse(error, found, proof);
    }
    const after = await doors.find(access);
    return show(after, access, doors.firstOpened(access));
  };
}

function mustBeUnknown({ phase }: Request): void {
  if (phase.kind === 'outcome_unknown') return;
  throw new DecisionError(
    'not_unknown',
    `Nothing was recorded: the outcome of this call is not unknown, it is ${phase.kind.replaceAll('_', ' ')}.`,
  );
}
