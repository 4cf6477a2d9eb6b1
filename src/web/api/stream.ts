import type { z } from 'zod';
import type { Entry } from '../../core/entry.ts';
import { requestIdOf } from '../../core/entry.ts';
import { messageOf } from '../../core/errors.ts';
import type { KeyHolder } from '../../reviewers/api-keys.ts';
import { concerns, isAuditorId } from '../sight.ts';
import type { Ctx, SiteKit } from '../site-context.ts';
import type { ReviewSiteOptions } from '../site-options.ts';
import { callerIn } from './gate.ts';
import { BAD_EVENT_ID, TOO_MANY_STREAMS } from './problems.ts';
import type { requestEventSchema, resolvedEventSchema } from './schemas.ts';

type StreamOptions = Pick<
  ReviewSiteOptions,
  'apiKeys' | 'clock' | 'history' | 'journal' | 'log' | 'onEntry' | 'people' | 'tlog'
>;

/** Server-sent events (WHATWG HTML) of what concerns one person. */
export interface EventStream {
  readonly stream: (c: Ctx) => Response | Promise<Response>;
  /** Ends all streams, so that nothing keeps the site from closing. */
  close(): void;
}

const HEARTBEAT_MS = 15_000;
const STREAMS_MAX = 5;
/** Who was away for longer lists anew. */
const RESUMED_MAX = 10_000;
/** So many events wait for a reader that is slow; then the stream ends, and it can resume. */
const UNREAD_MAX = 500;

const RESET = 'event: reset\ndata: {}\n\n';

export function createEventStream(options: StreamOptions, kit: SiteKit): EventStream {
  const { apiKeys, clock, history, journal, tlog, onEntry, log } = options;
  /** The ends of the streams of each key, by its digest. */
  const open = new Map<string, Set<() => void>>();
  let closed = false;

  const isTheirs = (id: string, person: string): boolean => {
    const item = history.item(id);
    return item !== undefined && concerns(item, person, options.people());
  };

  /** The event that an entry is to this person, if any. */
  const eventOf = (entry: Entry, person: string): string | undefined => {
    const id = requestIdOf(entry);
    if (id === undefined) return undefined;
    switch (entry.type) {
      case 'approval.requested':
        return isTheirs(id, person) ? asked(entry.seq, entry, entry.time, id) : undefined;
      case 'approval.escalated': {
        const item =
          entry.reviewers.includes(person) || isAuditorId(person, options.people())
            ? history.item(id)
            : undefined;
        return item && asked(entry.seq, item, entry.time, id);
      }
      case 'approval.resolved': {
        if (!isTheirs(id, person)) return undefined;
        const { resolution, time } = entry;
        const data: z.infer<typeof resolvedEventSchema> = { request_id: id, resolution, time };
        return written(entry.seq, 'resolved', data);
      }
      default:
        return undefined;
    }
  };

  /** What happened from `from` on, before `to`. */
  async function* missed(from: number, to: number, person: string): AsyncGenerator<string> {
    for await (const line of tlog.lines(from, to)) {
      const event = eventOf(JSON.parse(Buffer.from(line).toString('utf8')) as Entry, person);
      if (event !== undefined) yield event;
    }
  }

  function body({ key, holder }: KeyHolder, lastEventId: number | undefined): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    const streams = open.get(key.key_sha256) ?? new Set();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let cancelBeat = (): void => {};
    /** The last entry that was looked at. */
    let seen = journal().entries - 1;
    /** What comes while what was missed is told; nothing once that is done. */
    let held: string[] | undefined = [];

    const end = (): void => {
      streams.delete(end);
      if (streams.size === 0) open.delete(key.key_sha256);
      stopListening();
      cancelBeat();
      controller?.close();
      controller = undefined;
    };
    const tell = (text: string): void => {
      if (!apiKeys.holds(key.key_sha256)) return end();
      if ((controller?.desiredSize ?? 0) < -UNREAD_MAX) return end();
      controller?.enqueue(encoder.encode(text));
    };
    const stopListening = onEntry((entry) => {
      seen = entry.seq;
      const isOwnEnd =
        entry.type === 'reviewer.key_revoked' && entry.person === key.person && entry.key_id === key.key_id;
      if (isOwnEnd) return end();
      const event = eventOf(entry, holder.id);
      if (event === undefined) return;
      if (held) held.push(event);
      else tell(event);
    });
    const beat = (): void => {
      tell(stillHere(held ? undefined : seen));
      if (controller) cancelBeat = clock.after(HEARTBEAT_MS, beat);
    };
    const catchUp = async (): Promise<void> => {
      const from = lastEventId === undefined ? seen + 1 : lastEventId + 1;
      const to = seen + 1;
      if (from > to || to - from > RESUMED_MAX) tell(RESET);
      else for await (const event of missed(from, to, holder.id)) tell(event);
      const late = held ?? [];
      held = undefined;
      for (const event of late) tell(event);
      tell(stillHere(seen));
    };
    streams.add(end);
    open.set(key.key_sha256, streams);
    cancelBeat = clock.after(HEARTBEAT_MS, beat);

    return new ReadableStream<Uint8Array>(
      {
        start(given) {
          controller = given;
          catchUp().catch((thrown: unknown) => {
            log(`web: a stream of the API ended: ${messageOf(thrown)}`);
            end();
          });
        },
        cancel() {
          controller = undefined;
          end();
        },
      },
      { highWaterMark: 16 },
    );
  }

  return {
    stream(c) {
      const caller = callerIn(c);
      const asked = c.req.header('last-event-id');
      if (asked !== undefined && !/^(?:0|[1-9]\d{0,14})$/.test(asked)) return kit.refuse(c, BAD_EVENT_ID);
      if ((open.get(caller.key.key_sha256)?.size ?? 0) >= STREAMS_MAX) return kit.refuse(c, TOO_MANY_STREAMS);
      const headers = {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      };
      const silent = c.req.method === 'HEAD' || closed;
      return new Response(silent ? null : body(caller, asked === undefined ? undefined : Number(asked)), {
        headers,
      });
    },
    close() {
      closed = true;
      for (const ends of open.values()) for (const end of ends) end();
    },
  };
}

function asked(
  seq: number,
  { agent, server, tool }: { readonly agent: string; readonly server: string; readonly tool: string },
  time: string,
  request_id: string,
): string {
  const data: z.infer<typeof requestEventSchema> = { request_id, agent, server, tool, time };
  return written(seq, 'request', data);
}

function written(seq: number, event: 'request' | 'resolved', data: object): string {
  return `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** With where the stream stands, so that whoever resumes begins there. */
function stillHere(seq: number | undefined): string {
  return `${seq === undefined || seq < 0 ? '' : `id: ${seq}\n`}: still here\n\n`;
}
