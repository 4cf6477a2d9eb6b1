import { isDefinitionEntry } from '../core/definitions.ts';
import type { Entry } from '../core/entry.ts';
import { requestIdOf } from '../core/entry.ts';
import type { LiveSession } from '../reviewers/sessions.ts';
import { concerns } from './sight.ts';
import * as problems from './problems.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';

/** How soon after a change it is told, so that many at once are told once. */
const COALESCE_MS = 500;
const HEARTBEAT_MS = 25_000;
const STREAMS_MAX = 5;

const CHANGED = 'event: changed\ndata: {}\n\n';
const HEARTBEAT = ': still here\n\n';

const TOO_MANY: problems.Problem = {
  status: 429,
  code: 'too_many_streams',
  title: 'Too many pages are open',
  detail: 'This session listens for changes five times already. Close a page of the console.',
  retry_after: 60,
};

export interface Events {
  /** Server-sent events (WHATWG HTML): `changed`, and no word of what. */
  readonly stream: (c: Ctx, session: LiveSession) => Response | Promise<Response>;
  /** Ends all streams, so that nothing keeps the site from closing. */
  close(): void;
}

/** Tells pages of the console that something which they may show has changed. */
export function createEvents(options: ReviewSiteOptions, kit: SiteKit): Events {
  const { clock, sessions } = options;
  /** The ends of the streams of each session. */
  const open = new Map<string, Set<() => void>>();
  let closed = false;

  const isNews = (entry: Entry, person: string): boolean => {
    if (entry.type === 'policy.loaded' || entry.type === 'people.changed') return true;
    if (entry.type.startsWith('passkey.')) return true;
    if (isDefinitionEntry(entry)) return entry.type !== 'tool.registered' || entry.late === true;
    if (entry.type === 'session.opened' || entry.type === 'session.closed') return entry.person === person;
    if (!/^(?:approval|execution|verification)\./.test(entry.type)) return false;
    const item = options.history.item(requestIdOf(entry) ?? '');
    return item !== undefined && concerns(item, person, options.people());
  };

  const body = ({ sha256, person }: LiveSession): ReadableStream<Uint8Array> => {
    const encoder = new TextEncoder();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let pending = false;
    let cancelFlush: (() => void) | undefined;
    let cancelBeat = (): void => {};
    const streams = open.get(sha256) ?? new Set();

    const end = (): void => {
      streams.delete(end);
      if (streams.size === 0) open.delete(sha256);
      stopListening();
      cancelFlush?.();
      cancelBeat();
      controller?.close();
      controller = undefined;
    };
    /** Whether the session still holds, without counting as a use of it. */
    const alive = () => sessions.listOf(person).some((session) => session.sha256 === sha256);
    const flush = (): void => {
      cancelFlush = undefined;
      if (!alive()) return end();
      // A reader that is slow is told once, when it reads on.
      if (!pending || (controller?.desiredSize ?? 0) <= 0) return;
      pending = false;
      controller?.enqueue(encoder.encode(CHANGED));
    };
    const stopListening = options.onEntry((entry) => {
      if (entry.type === 'session.closed' && entry.session_sha256 === sha256) return end();
      if (!isNews(entry, person)) return;
      pending = true;
      cancelFlush ??= clock.after(COALESCE_MS, flush);
    });
    const beat = (): void => {
      if (!alive()) return end();
      if ((controller?.desiredSize ?? 0) > 0) controller?.enqueue(encoder.encode(HEARTBEAT));
      cancelBeat = clock.after(HEARTBEAT_MS, beat);
    };
    streams.add(end);
    open.set(sha256, streams);
    cancelBeat = clock.after(HEARTBEAT_MS, beat);

    return new ReadableStream<Uint8Array>(
      {
        start(given) {
          controller = given;
          given.enqueue(encoder.encode(HEARTBEAT));
        },
        pull() {
          if (pending && cancelFlush === undefined) flush();
        },
        cancel() {
          controller = undefined;
          end();
        },
      },
      { highWaterMark: 4 },
    );
  };

  return {
    stream(c, session) {
      if (!closed && (open.get(session.sha256)?.size ?? 0) >= STREAMS_MAX) return kit.refuse(c, TOO_MANY);
      const headers = {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      };
      return new Response(c.req.method === 'HEAD' || closed ? null : body(session), { headers });
    },
    close() {
      closed = true;
      for (const ends of open.values()) for (const end of ends) end();
    },
  };
}
