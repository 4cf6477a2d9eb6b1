import { timestamp } from '../core/clock.ts';
import type { VerificationLevel } from '../core/entry.ts';
import { DecisionError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { isOver, type Request } from '../core/request.ts';
import type { Secret } from '../core/secret.ts';
import { marksIn, secretPlaces } from '../core/secret-places.ts';
import { isAsStrong } from '../core/verification.ts';
import type { Found } from './access.ts';
import { mustBeNoAuditor } from './auditor.ts';
import { mustBeAsked, mustBeEligible, mustBeOfAnother, type DecideParts } from './decide.ts';
import type { Revealed, RevealInput, Reviews } from './ports.ts';
import { verifyProof } from './proof.ts';
import type { Rights } from './rights.ts';
import { mustBeFirst, rightsNow } from './rights-now.ts';
import { createShown, type Shown } from './shown.ts';

/** Shows the secrets of a call, once, to who may decide on it; that they are shown is durable before. */
export function createReveal(parts: DecideParts): Reviews['reveal'] {
  const { context, contents, streams, doors, show, refuse } = parts;
  const { clock } = context;
  const shownOf = createShown(context, contents);

  function mustBePossible(
    input: RevealInput,
    found: Found,
    shown: Shown,
    receipt?: Awaited<ReturnType<typeof verifyProof>>,
  ): Rights {
    const { request, reviewer } = found;
    const { card, secrets } = shown;
    mustBeOpen(request, reviewer.id, timestamp(clock));
    mustBeFirst(found, context.policy());
    if (secrets.length === 0) throw new DecisionError('no_secrets', NONE);
    const theirs = rightsNow(parts, found, shown, receipt);
    mustBeOfAnother(theirs);
    mustBeNoAuditor(reviewer, context.policy().people);
    mustBeAsked(theirs);
    mustBeEligible(theirs);
    if (!theirs.reveal)
      throw new DecisionError(
        'reveal_refused',
        'Nothing was shown. No rule lets the secrets of this call be shown.',
      );
    mustBeStrong(input, theirs);
    if (input.proof.kind !== 'passkey' && ![card.tool_name, card.tool].includes(input.proof.confirm.trim())) {
      throw new DecisionError(
        'confirm_mismatch',
        `Nothing was shown. To confirm, type the tool's name exactly as it stands on the page: ${card.tool_name}`,
      );
    }
    if (input.card_digest !== request.card_digest)
      throw new DecisionError(
        'card_changed',
        'Nothing was shown. Open the request again: the page is another one.',
      );
    return theirs;
  }

  return async (input) => {
    const { access, proof } = input;
    const found = await doors.find(access);
    const { request, reviewer } = found;
    const shown = await shownOf(request);
    const paths = secretPlaces(shown.args);
    try {
      const offered = proof.kind === 'sso' ? proof.sign_on : undefined;
      const { max_age_ms: maxAgeMs } = mustBePossible(input, found, shown, offered);
      const receipt = await verifyProof(context, {
        proof,
        reviewer,
        maxAgeMs,
        act: (nonce) => ({
          act: 'reveal',
          request_id: request.id,
          action_digest: request.action_digest,
          card_digest: request.card_digest,
          paths,
          reviewer: reviewer.id,
          nonce,
        }),
      });
      if (receipt?.kind === 'slack' || receipt?.kind === 'api')
        throw new TypeError('A key shows no secrets.');
      await streams.update(request.id, (now) => {
        mustBePossible(input, { ...found, request: now }, shown, receipt);
        return [
          {
            type: 'secret.revealed',
            request_id: request.id,
            reviewer: reviewer.id,
            paths,
            verification: LEVELS[proof.kind],
            ...(receipt === undefined ? {} : { receipt }),
          },
        ];
      });
    } catch (error) {
      throw await refuse(error, found, proof);
    }
    const view = await show(await doors.find(access), access, doors.firstOpened(access));
    return { view, secrets: revealedIn(shown.args, shown.secrets) };
  };
}

const NONE = 'Nothing was shown. There is nothing secret in this call, or it is kept no more.';

const LEVELS = { typed: 'link', sso: 'sso', passkey: 'passkey' } as const satisfies Record<
  RevealInput['proof']['kind'],
  VerificationLevel
>;

function revealedIn(args: Json, secrets: readonly Secret[]): Revealed['secrets'] {
  const values = new Map(secrets.map(({ commit, value }) => [commit, value]));
  return marksIn(args).flatMap(({ path, kind, commit }) => {
    const value = values.get(commit);
    return value === undefined ? [] : [{ path: path.join('.').replaceAll('.[', '['), kind, value }];
  });
}

function mustBeOpen(request: Request, reviewer: string, now: string): void {
  if (request.decisions.some((decision) => decision.reviewer === reviewer))
    throw new DecisionError('already_decided', 'Nothing was shown. You have already decided on this.');
  if (request.phase.kind !== 'pending' || isOver(request, now))
    throw new DecisionError(
      'already_resolved',
      'Nothing was shown. The request is over, and its secrets are erased.',
    );
}

/** As strong as an approval has to be. */
function mustBeStrong({ access, proof }: RevealInput, theirs: Rights): void {
  if (proof.kind === 'typed' && (access.kind !== 'link' || theirs.enrolled))
    throw tooWeak('Give a passkey, or sign in again for this.');
  if (!isAsStrong(LEVELS[proof.kind], theirs.demanded))
    throw tooWeak(
      theirs.demanded === 'sso'
        ? 'Secrets of this call are not shown for a link alone: sign in for it, or use a passkey.'
        : 'Secrets of this call are shown for a passkey alone.',
    );
}

function tooWeak(why: string): DecisionError {
  return new DecisionError('verification_too_weak', `Nothing was shown. ${why}`);
}
