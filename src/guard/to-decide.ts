import { timestamp } from '../core/clock.ts';
import { JournalError } from '../core/errors.ts';
import { asked, isOver, type Request } from '../core/request.ts';
import type { Doors } from './access.ts';
import type { Contents } from './contents.ts';
import type { GuardContext } from './context.ts';
import type { Reviews } from './ports.ts';
import { isAuditor } from '../core/person.ts';
import { isAskedFor, maySolo } from './rights.ts';

/** What waits for one person's decision, that which expires first at the top. */
export function createToDecide({
  context,
  contents,
  doors,
}: {
  readonly context: GuardContext;
  readonly contents: Contents;
  readonly doors: Doors;
}): Reviews['waiting'] {
  const { clock, ledger } = context;

  async function summaryOf(request: Request): Promise<{ readonly summary?: string }> {
    try {
      const { summary } = await contents.card(request);
      return summary === undefined ? {} : { summary };
    } catch (error) {
      // It waits all the same; its own page says what is wrong.
      if (error instanceof JournalError) return {};
      throw error;
    }
  }

  return async (personId) => {
    const { people } = context.policy();
    const person = doors.personOf(personId);
    if (isAuditor(person, people)) return [];
    const now = timestamp(clock);
    const theirs = [...ledger.requests()].filter(
      (request) =>
        request.phase.kind === 'pending' &&
        !isOver(request, now) &&
        asked(request).includes(personId) &&
        !request.decisions.some((decision) => decision.reviewer === personId) &&
        (!isAskedFor(request, person, people) || maySolo(request, person, people)),
    );
    theirs.sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at));
    return Promise.all(theirs.map(async (request) => ({ request, ...(await summaryOf(request)) })));
  };
}
