import { sha256 } from '../../core/digest.ts';
import { DecisionError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Access, DecisionInput, Proof, ReviewView } from '../../guard/ports.ts';
import type { KeyHolder } from '../../reviewers/api-keys.ts';
import { holderOf } from '../form-proof.ts';
import { problemOf, type Problem } from '../problems.ts';
import type { Ctx, SiteKit } from '../site-context.ts';
import type { ReviewSiteOptions } from '../site-options.ts';
import type { Challenges } from './challenge.ts';
import { readDecision, type DecisionBody } from './decision-body.ts';
import { callerIn } from './gate.ts';
import { createIdempotency } from './idempotency.ts';
import * as problems from './problems.ts';
import { createRepeats } from './repeats.ts';
import type { ShownAtApi } from './shown.ts';

type Decided = NonNullable<ReturnType<ShownAtApi['decided']>>;
type SessionAccess = Extract<Access, { readonly kind: 'session' }>;

/** What became of a decision that was sent. */
type Outcome = { readonly decided: Decided; readonly again: boolean } | { readonly problem: Problem };

/** Failures to prove who decides, which are counted. */
const UNPROVEN: ReadonlySet<string> = new Set([
  'confirm_mismatch',
  'passkey_refused',
  'passkey_cloned',
  'self_approval',
]);

/** `POST /requests/:id/decisions`: a decision by a key, or by a passkey that signed elsewhere. */
export function createDecideRoute(
  options: Pick<ReviewSiteOptions, 'reviews' | 'limits' | 'clock'>,
  parts: { readonly kit: SiteKit; readonly shown: ShownAtApi; readonly challenges: Challenges },
): (c: Ctx) => Promise<Response> {
  const { reviews, limits } = options;
  const { kit, shown, challenges } = parts;
  const idempotency = createIdempotency<Outcome>(options.clock);
  const repeated = createRepeats(reviews);

  /** What the body proves and when its page was opened, or what is wrong with it. */
  function proven(
    { key, holder }: KeyHolder,
    access: SessionAccess,
    body: DecisionBody,
  ): { readonly proof: Proof; readonly opened_at?: string } | Problem {
    const { assertion, proof, card_digest } = body;
    if ((assertion === undefined) !== (proof === undefined)) return problems.PROOF_MISSING;
    if (assertion === undefined || proof === undefined) {
      if (key.scope !== 'decide') return problems.KEY_READS;
      const receipt = { kind: 'api', key_id: key.key_id } as const;
      return { proof: { kind: 'api', receipt, confirm: body.confirm ?? '' } };
    }
    const bound = { request_id: access.request_id, person: holder.id, card_digest };
    const opened = challenges.open(bound, proof);
    if (!opened) return problems.PROOF_REFUSED;
    const { nonce, opened_at } = opened;
    return { proof: { kind: 'passkey', assertion: assertion as JsonObject, nonce }, opened_at };
  }

  async function decide(input: DecisionInput, access: SessionAccess): Promise<ReviewView & { again?: true }> {
    try {
      return await reviews.decide(input);
    } catch (thrown) {
      if (!(thrown instanceof DecisionError)) throw thrown;
      if (UNPROVEN.has(thrown.code)) await limits.count('confirm', holderOf(access));
      if (thrown.code !== 'already_decided' || !(await repeated(input, access))) throw thrown;
      return { ...(await reviews.view(access)), again: true };
    }
  }

  async function act(caller: KeyHolder, access: SessionAccess, body: DecisionBody): Promise<Outcome> {
    await limits.check('confirm', holderOf(access));
    try {
      const view = await reviews.view(access);
      const given = proven(caller, access, body);
      if (!('proof' in given)) return { problem: given };
      const { decision, card_digest, seen = [] } = body;
      const { proof, opened_at = view.opened_at } = given;
      const reason = (body.reason ?? '').replaceAll('\r\n', '\n').trim();
      const after = await decide({ access, decision, reason, proof, card_digest, opened_at, seen }, access);
      const decided = shown.decided(after, caller.holder.id);
      if (!decided) throw new Error('A decision was made and is not there.');
      return { decided, again: after.again === true };
    } catch (thrown) {
      if (!(thrown instanceof DecisionError)) throw thrown;
      return { problem: problemOf(thrown) };
    }
  }

  return async (c) => {
    const caller = callerIn(c);
    const read = await readDecision(c);
    if ('problem' in read) return kit.refuse(c, read.problem);
    const request_id = c.req.param('id') ?? '';
    const access = { kind: 'session', person: caller.holder.id, request_id } as const;
    const once = await idempotency.once(
      {
        key: JSON.stringify([caller.key.key_sha256, read.idempotencyKey]),
        fingerprint: sha256(JSON.stringify([request_id, read.text])),
      },
      () => act(caller, access, read.body),
    );
    if (once.kind === 'reused') return kit.refuse(c, problems.KEY_REUSED);
    const { answer } = once;
    if (once.again || ('again' in answer && answer.again)) c.header('Idempotent-Replayed', 'true');
    if ('problem' in answer) return kit.refuse(c, answer.problem);
    return c.json(answer.decided);
  };
}
