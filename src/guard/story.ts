import type { Doors } from './access.ts';
import type { GuardContext } from './context.ts';
import type { Reviews } from './ports.ts';

/** A request from intent to outcome, as the journal has it, for whoever may see the request. */
export function createStory({
  context,
  doors,
}: {
  readonly context: Pick<GuardContext, 'journal'>;
  readonly doors: Doors;
}): Reviews['story'] {
  return async (person, requestId) => {
    await doors.find({ kind: 'session', person, request_id: requestId });
    return context.journal.readRequest(requestId);
  };
}
