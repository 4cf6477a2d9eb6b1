import type { z } from 'zod';
import { seenBy } from '../sight.ts';
import type { Ctx, SiteKit } from '../site-context.ts';
import type { ReviewSiteOptions } from '../site-options.ts';
import { createCursors, type Position } from './cursor.ts';
import { callerIn } from './gate.ts';
import { BAD_CURSOR, badRequest } from './problems.ts';
import { listQuerySchema, type listSchema, type summarySchema } from './schemas.ts';
import type { ShownAtApi } from './shown.ts';

type Summary = z.infer<typeof summarySchema>;

/** A list in its order, each item with where it stands in it. */
type Placed = readonly (readonly [Position, () => Summary])[];

/** `GET /requests`: what waits for the person, or all that they may see, a page at a time. */
export function createList(
  options: Pick<ReviewSiteOptions, 'reviews' | 'history' | 'people' | 'seals' | 'clock'>,
  parts: { readonly kit: SiteKit; readonly shown: ShownAtApi },
): (c: Ctx) => Promise<Response> {
  const { reviews, history } = options;
  const { kit, shown } = parts;
  const cursors = createCursors(options.seals, options.clock);

  const waiting = async (person: string): Promise<Placed> =>
    [...(await reviews.waiting(person))]
      .map((item) => {
        const { id, expires_at: by } = item.request;
        return [{ id, by }, () => shown.waiting(item)] as const;
      })
      .sort(([a], [b]) => compare(a, b));

  /** Newest first: what is new comes before every page that was read. */
  const all = (person: string): Placed =>
    history
      .search({ ...seenBy(person, options.people()), limit: history.size })
      .items.map((item) => [{ id: item.id, by: item.requested_at }, () => shown.listed(item)] as const)
      .sort(([a], [b]) => compare(b, a));

  return async (c) => {
    const read = readQuery(c);
    if (typeof read === 'string') return kit.refuse(c, badRequest(read));
    const { state, limit, cursor } = read;
    const person = callerIn(c).holder.id;
    const after = cursor === undefined ? undefined : cursors.open(person, state, cursor);
    if (cursor !== undefined && !after) return kit.refuse(c, BAD_CURSOR);
    const placed = state === 'waiting' ? await waiting(person) : all(person);
    const direction = state === 'waiting' ? 1 : -1;
    const rest =
      after === undefined ? placed : placed.filter(([position]) => compare(position, after) * direction > 0);
    const page = rest.slice(0, limit);
    const last = page.at(-1)?.[0];
    const body: z.infer<typeof listSchema> = {
      items: page.map(([, show]) => show()),
      ...(last !== undefined && rest.length > page.length
        ? { next_cursor: cursors.seal(person, state, last) }
        : {}),
    };
    return c.json(body);
  };
}

/** What is asked for, or what is wrong with it. */
function readQuery(c: Ctx): z.infer<typeof listQuerySchema> | string {
  const given = Object.entries(c.req.queries());
  const twice = given.find(([, values]) => values.length > 1);
  if (twice) return `The parameter ${twice[0].slice(0, 40)} is given twice.`;
  const parsed = listQuerySchema.safeParse(Object.fromEntries(given.map(([name, [value]]) => [name, value])));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `The parameters cannot be read: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}.`;
}

function compare(a: Position, b: Position): number {
  return a.by < b.by ? -1 : a.by > b.by ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
