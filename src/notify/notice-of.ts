import { JournalError } from '../core/errors.ts';
import type { Card } from '../core/card.ts';
import type { JsonObject } from '../core/json.ts';
import type { People } from '../core/person.ts';
import { asked, type Request } from '../core/request.ts';
import type { Channel, Notice, Place, PlaceNotice } from './channel.ts';
import { questionOf } from './due.ts';
import type { Due } from './ways.ts';

/** What goes into a notice beside what it is about. */
export interface Contents {
  readonly card: Card;
  readonly args: JsonObject;
  readonly people: People;
  /** Where the question can be answered; nobody but its person may see theirs. */
  readonly link?: string;
  readonly checkpoint?: string;
}

/** A notice and who takes it over. */
export type Handover =
  | { readonly kind: 'send'; readonly channel: Channel; readonly notice: Notice }
  | { readonly kind: 'post'; readonly place: Place; readonly notice: PlaceNotice };

export function isQuestion({ notice }: Pick<Due, 'notice'>): boolean {
  return notice === 'ask' || notice === 'reminder';
}

/** @throws Error where a question has no link */
export function handoverOf(due: Due, contents: Contents): Handover | undefined {
  const { request, notice, way } = due;
  const { card, args, people, link, checkpoint } = contents;
  const first = questionOf(request, due)?.message_id;
  const about = {
    request,
    card,
    args,
    names: namesOf(request, people),
    ...(first === undefined ? {} : { first }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
  if (way.kind === 'fail') return undefined;
  if (!isQuestion(due)) {
    if (way.kind === 'post') return { ...way, notice: { kind: 'outcome', ...about } };
    const as = notice === 'owner_outcome' ? 'owner' : 'reviewer';
    return { ...way, notice: { kind: 'outcome', as, to: way.to, ...about } };
  }
  if (link === undefined) throw new JournalError('not_taken_up', 'The journal did not take up the link.');
  const question = {
    kind: 'ask' as const,
    round: due.round ?? 0,
    link,
    ...(due.escalated === undefined ? {} : { escalated: due.escalated }),
    ...about,
  };
  return way.kind === 'post' ? { ...way, notice: question } : { ...way, notice: { ...question, to: way.to } };
}

/** The owner, and everyone who was asked or decided. */
function namesOf(request: Request, { people }: People): Readonly<Record<string, string>> {
  const ids = new Set([
    request.owner,
    ...asked(request),
    ...request.decisions.map(({ reviewer }) => reviewer),
  ]);
  return Object.fromEntries(people.filter(({ id }) => ids.has(id)).map(({ id, name }) => [id, name]));
}
