import type { z } from 'zod';
import type {
  checkpointSchema,
  Erased,
  heldSchema,
  holdsSchema,
  Retained,
  rotatedSchema,
} from './custody-ops.ts';

/** What `placet log` asks of the host, in the operator's name: what is erased, what is held, who signs. */
export interface CustodyDesk {
  /** @param id of a call or of a request */
  erase(id: string, reason: string): Promise<Erased>;
  /** @param id of a call or of a request; without it, everything is held */
  hold(id: string | undefined, reason: string): Promise<z.infer<typeof heldSchema>>;
  release(holdId: string, reason: string): Promise<z.infer<typeof heldSchema>>;
  holds(): z.infer<typeof holdsSchema>;
  retain(options: {
    readonly older_than_ms: number;
    readonly dry_run: boolean;
    readonly reason: string;
  }): Promise<Retained>;
  rotateKey(reason: string): Promise<z.infer<typeof rotatedSchema>>;
  checkpoint(): Promise<z.infer<typeof checkpointSchema>>;
}
