import { messageOf } from '../core/errors.ts';
import type { Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';
import type { Streams } from './streams.ts';

export const CHANGED_SINCE = "The tool's definition changed after the request was made.";

/** Voids what was asked about a tool that is another one now, as soon as the journal says so. */
export interface ChangeWatch {
  /** Voids the request if its tool's definition has changed since. */
  check(request: Request): Promise<void>;
  close(): void;
}

export function createChangeWatch(
  { changes, ledger, log }: Pick<GuardContext, 'changes' | 'ledger' | 'log'>,
  streams: Pick<Streams, 'update'>,
): ChangeWatch {
  const isReplaced = ({ server, tool, definition_sha256: sha256, requested_at }: Request): boolean =>
    ledger.definitions.isReplaced(server, tool, sha256, requested_at);

  async function check(request: Request): Promise<void> {
    if (!canBeVoided(request) || !isReplaced(request)) return;
    try {
      await streams.update(request.id, (now) =>
        canBeVoided(now) && isReplaced(now)
          ? [
              {
                type: 'approval.resolved',
                request_id: now.id,
                resolution: 'voided',
                reason: CHANGED_SINCE,
              },
            ]
          : undefined,
      );
    } catch (error) {
      // Neither a decision nor the start pass over a change: it only shows later.
      log(`${request.id} could not be voided yet, whose tool has changed: ${messageOf(error)}`);
    }
  }

  const close = changes.subscribe((entry) => {
    if (entry.type !== 'tool.definition_changed') return;
    for (const request of ledger.requests()) {
      if (request.server === entry.server && request.tool === entry.tool) void check(request);
    }
  });

  return { check, close };
}

/** What has started cannot be called back. */
function canBeVoided({ phase }: Request): boolean {
  return phase.kind === 'pending' || phase.kind === 'approved' || phase.kind === 'claimed';
}
