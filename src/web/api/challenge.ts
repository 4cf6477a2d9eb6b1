import type { z } from 'zod';
import { challengeOf } from '../../core/challenge.ts';
import type { Clock } from '../../core/clock.ts';
import type { DecisionKind } from '../../core/entry.ts';
import type { Random } from '../../core/ids.ts';
import { isJsonObject } from '../../core/json.ts';
import type { ReviewView } from '../../guard/ports.ts';
import type { Passkeys } from '../../reviewers/passkeys.ts';
import type { Seals } from '../../reviewers/seal.ts';
import type { challengeSchema } from './schemas.ts';

/** What was handed out with a challenge and comes back with its signature. */
export interface HandedOut {
  readonly nonce: string;
  /** RFC 3339, UTC. */
  readonly opened_at: string;
}

/** Challenges for a passkey that signs elsewhere than on a page of this site. Nothing is stored. */
export interface Challenges {
  /** Nothing where no passkey of the person's decides here. */
  of(view: ReviewView): z.infer<typeof challengeSchema> | undefined;
  /** What was handed out for exactly this request, person and card; nothing for anything else. */
  open(of: BoundTo, proof: string): HandedOut | undefined;
}

interface BoundTo {
  readonly request_id: string;
  readonly person: string;
  readonly card_digest: string;
}

const PURPOSE = 'api decision';
/** Shorter than nonces are remembered, so that none is taken twice. */
const GOOD_MS = 60 * 60 * 1000;

export function createChallenges(options: {
  readonly seals: Seals;
  readonly passkeys?: Passkeys;
  readonly clock: Clock;
  readonly random: Random;
}): Challenges {
  const { seals, passkeys, clock, random } = options;

  return {
    of({ request, reviewer, passkeys: keys, methods, state, opened_at }) {
      if (!passkeys || state !== 'open' || keys.length === 0) return undefined;
      const { id: request_id, action_digest, card_digest } = request;
      const nonce = Buffer.from(random(16)).toString('base64url');
      const toSign = (decision: DecisionKind) =>
        methods[decision].includes('passkey')
          ? {
              [decision]: passkeys.assertionOptions({
                challenge: challengeOf({
                  act: 'decide',
                  request_id,
                  action_digest,
                  card_digest,
                  decision,
                  reviewer: reviewer.id,
                  nonce,
                }),
                allow: keys,
              }),
            }
          : {};
      const until = clock.now() + GOOD_MS;
      const bound = { request_id, person: reviewer.id, card_digest, opened_at, nonce };
      return {
        proof: seals.seal(PURPOSE, bound, until),
        expires_at: new Date(until).toISOString(),
        ...toSign('approve'),
        ...toSign('reject'),
      };
    },

    open({ request_id, person, card_digest }, proof) {
      const opened = seals.open(PURPOSE, proof);
      if (opened === undefined || !isJsonObject(opened)) return undefined;
      const { nonce, opened_at } = opened;
      const isTheirs =
        opened['request_id'] === request_id &&
        opened['person'] === person &&
        opened['card_digest'] === card_digest;
      if (!isTheirs || typeof nonce !== 'string' || typeof opened_at !== 'string') return undefined;
      return { nonce, opened_at };
    },
  };
}
