import type { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { CustodyView } from '../core/ledger.ts';
import type { CustodyCases } from '../guard/custody.ts';
import type { Checkpoints } from '../journal/checkpoints.ts';
import type { checkpointSchema, Erased, Held, holdsSchema, Retained, rotatedSchema } from './custody-ops.ts';

/** What `placet log` asks of the host, in the operator's name: what is erased, what is held, who signs. */
export interface CustodyDesk {
  /** @param id of a call or of a request */
  erase(id: string, reason: string): Promise<Erased>;
  /** @param id of a call or of a request; without it, everything is held */
  hold(id: string | undefined, reason: string): Promise<Held>;
  release(holdId: string, reason: string): Promise<Held>;
  holds(): z.infer<typeof holdsSchema>;
  retain(options: {
    readonly older_than_ms: number;
    readonly dry_run: boolean;
    readonly reason: string;
  }): Promise<Retained>;
  rotateKey(reason: string): Promise<z.infer<typeof rotatedSchema>>;
  checkpoint(): Promise<z.infer<typeof checkpointSchema>>;
}

const by = 'operator';

export function createCustodyDesk(options: {
  readonly cases: Pick<CustodyCases, 'erase' | 'hold' | 'release' | 'retain'>;
  readonly custody: () => Pick<CustodyView, 'holds'>;
  readonly checkpoints: Pick<Checkpoints, 'cover' | 'rotate' | 'verifier'>;
  readonly clock: Clock;
}): CustodyDesk {
  const { cases, custody, checkpoints, clock } = options;
  return {
    async erase(id, reason) {
      const { call_id, erased, gone, ordered } = await cases.erase(id, { reason, by });
      return { call_id, erased, gone_before: gone, ...(ordered === undefined ? {} : { before: ordered }) };
    },

    hold: (id, reason) => cases.hold(id, { reason, by }),
    release: (holdId, reason) => cases.release(holdId, { reason, by }),
    holds: () => [...custody().holds()],

    async retain({ older_than_ms: age, dry_run, reason }) {
      // A time before all that is written is the beginning: ISO times of other eras do not compare as text.
      const before = new Date(Math.max(0, clock.now() - age)).toISOString();
      const { first, ...counts } = await cases.retain({ before, dry_run, reason, by });
      return { dry_run, before, ...counts, first: [...first] };
    },

    async rotateKey(reason) {
      const previous = checkpoints.verifier().vkey;
      return { previous, key: (await checkpoints.rotate(reason)).vkey };
    },

    async checkpoint() {
      const { size, root, note } = await checkpoints.cover();
      return { size, root: root.toString('base64'), note, key: checkpoints.verifier().vkey };
    },
  };
}
