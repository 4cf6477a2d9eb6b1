import { timestamp } from '../core/clock.ts';
import { DecisionError } from '../core/errors.ts';
import { linkDigest } from '../core/link.ts';
import { isAuditor, type Person } from '../core/person.ts';
import { asked, type Request } from '../core/request.ts';
import type { GuardContext } from './context.ts';
import { findRequest } from './find-request.ts';
import type { Access } from './ports.ts';

/** How long the first opening of a page is remembered. */
const OPENED_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** A request, and the person who came to it. */
export interface Found {
  readonly request: Request;
  readonly reviewer: Person;
}

/** Leads people to the requests that they may see. */
export interface Doors {
  /**
   * Reads only.
   *
   * @throws DecisionError `link_unknown`, `not_found` (a session that may not see it), `not_eligible` (a link of
   * somebody who is no longer listed)
   */
  find(access: Access): Promise<Found>;
  /** A person by id; one who is no longer listed has their id for a name. */
  personOf(id: string): Person;
  /** When the page was first opened by this access, as far as this host knows. RFC 3339, UTC. */
  firstOpened(access: Access): string;
}

export function createDoors(context: GuardContext): Doors {
  const { clock, ledger } = context;
  const opened = new Map<string, string>();

  function listed(id: string): Person | undefined {
    return context.policy().people.people.find((person) => person.id === id);
  }

  function personOf(id: string): Person {
    return listed(id) ?? { id, name: id, emails: [] };
  }

  function byLink(token: string): Found {
    const link = linkDigest(token);
    const request = ledger.requestOfLink(link);
    const mine = request?.links.find((each) => each.sha256 === link);
    if (!request || !mine) {
      throw new DecisionError(
        'link_unknown',
        'This link is not known: it was mistyped or cut, or its request is long over. Open the link in the newest mail about the request.',
      );
    }
    const reviewer = listed(mine.reviewer);
    if (reviewer) return { request, reviewer };
    throw new DecisionError('not_eligible', 'You are no longer listed among the people of this workspace.');
  }

  async function bySession(personId: string, requestId: string): Promise<Found> {
    const reviewer = listed(personId);
    const request = reviewer ? await findRequest(context, requestId) : undefined;
    if (reviewer && request && (maySee(request, reviewer) || isAuditor(reviewer, context.policy().people)))
      return { request, reviewer };
    throw new DecisionError(
      'not_found',
      'You have no such request: you were not asked about it, and no agent of yours made it.',
    );
  }

  return {
    personOf,
    find: async (access) =>
      access.kind === 'link' ? byLink(access.token) : bySession(access.person, access.request_id),
    firstOpened(access) {
      for (const [known, at] of opened) {
        if (Date.parse(at) < clock.now() - OPENED_KEPT_MS) opened.delete(known);
        else break;
      }
      const key = access.kind === 'link' ? linkDigest(access.token) : `${access.request_id} ${access.person}`;
      const at = opened.get(key) ?? timestamp(clock);
      opened.set(key, at);
      return at;
    },
  };
}

function maySee(request: Request, person: Person): boolean {
  return request.owner === person.id || asked(request).includes(person.id);
}
