import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Target } from '../guard/ports.ts';
import type { Listed } from './offers.ts';
import type { Downstream, ServerHello } from './server-side.ts';
import type { ToolList } from './tool-list.ts';

/** All that a connection offers. */
export interface Offering {
  readonly hello: ServerHello;
  readonly tools: ToolList;
  readonly listed: Listed;
}

export interface LaneOptions {
  /** @throws DownstreamError `downstream_unavailable` */
  readonly connect: (onChanged: () => void, signal: AbortSignal) => Promise<Downstream>;
  /** What a fresh connection, or one that says that something has changed, offers. */
  readonly onList: (offering: Offering) => void;
  readonly onOpened?: (downstream: Downstream) => void;
  /** A connection for calls could not be made. */
  readonly onFailed: () => void;
  /** Closes a connection that was not used for this long, in milliseconds; without it, it stays. */
  readonly idleMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The way from one client session to one downstream: one connection, made at first use, shared by concurrent
 * calls, and made anew at the next use after it died.
 */
export interface Lane {
  /** @throws DownstreamError `downstream_unavailable` */
  target(): Promise<Target>;
  /** The connection itself, made if there is none. @throws DownstreamError `downstream_unavailable` */
  downstream(): Promise<Downstream>;
  /** The connection that stands, if any. */
  standing(): Downstream | undefined;
  /** @throws DownstreamError */
  offering(): Promise<Offering>;
  /** Reads nothing of what the server says, now and later, until `resume`. */
  pause(): void;
  resume(): void;
  /** Lets the connection close once its calls have ended; the next use makes a new one. */
  renew(): void;
  /** Likewise, and resolves when it is closed. There must be no later use. */
  finish(): Promise<void>;
  /** Closes now, whatever is under way. */
  end(): Promise<void>;
}

/** A connection that is to close stays this long after its last use: a use may stand between two steps of a call. */
const LINGER_MS = 2000;
/** A downstream that says all the time that its list has changed is asked this often at most. */
const LIST_EVERY_MS = 1000;

interface Connection {
  readonly opened: Promise<Downstream>;
  readonly abort: AbortController;
  downstream: Downstream | undefined;
  uses: number;
  /** It is to carry calls; a mere question for the tools is told by its own answer that it failed. */
  wanted: boolean;
  retired: boolean;
  stopTimer: () => void;
}

export function createLane(options: LaneOptions): Lane {
  const { clock, log } = options;
  const connections = new Set<Connection>();
  let onEmpty = (): void => undefined;
  let current: Connection | undefined;
  let paused = false;

  function connection(): Connection {
    if (current && (current.downstream?.isAlive() ?? true)) return current;
    if (current) retire(current);
    current = open();
    return current;
  }

  function open(): Connection {
    const abort = new AbortController();
    const relist = atMostEvery(LIST_EVERY_MS, () => list(made));
    const made: Connection = {
      opened: options.connect(relist, abort.signal),
      abort,
      downstream: undefined,
      uses: 0,
      wanted: false,
      retired: false,
      stopTimer: () => undefined,
    };
    connections.add(made);
    made.opened.then(
      (downstream) => {
        made.downstream = downstream;
        if (paused) downstream.pause();
        options.onOpened?.(tracked(made, downstream));
        relist();
      },
      () => {
        // Whoever asked for the connection is told why there is none.
        gone(made);
        if (current === made) current = undefined;
        if (made.wanted && !abort.signal.aborted) options.onFailed();
      },
    );
    return made;
  }

  function list(made: Connection): void {
    if (made.retired || !made.downstream) return;
    offeringOf(made.downstream).then(options.onList, (error: unknown) => {
      // One that was closed meanwhile owes no list.
      if (!made.retired) log(messageOf(error));
    });
  }

  function atMostEvery(ms: number, task: () => void): () => void {
    let waiting = false;
    let last = Number.NEGATIVE_INFINITY;
    const run = (): void => {
      waiting = false;
      last = clock.now();
      task();
    };
    return () => {
      if (waiting) return;
      const left = last + ms - clock.now();
      if (left <= 0) {
        run();
        return;
      }
      waiting = true;
      clock.after(left, run);
    };
  }

  async function use<T>(made: Connection, work: (downstream: Downstream) => Promise<T>): Promise<T> {
    made.uses += 1;
    made.stopTimer();
    try {
      return await work(await made.opened);
    } finally {
      made.uses -= 1;
      if (made.uses === 0) rest(made);
    }
  }

  /** Nothing is under way on it now. */
  function rest(made: Connection): void {
    const ms = made.retired ? LINGER_MS : options.idleMs;
    if (ms === undefined || !connections.has(made)) return;
    made.stopTimer = clock.after(ms, () => {
      retire(made);
      shut(made).catch((error: unknown) => log(`A server's link did not close: ${messageOf(error)}`));
    });
  }

  function retire(made: Connection): void {
    if (current === made) current = undefined;
    if (made.retired) return;
    made.retired = true;
    made.stopTimer();
    if (made.uses === 0) rest(made);
  }

  async function shut(made: Connection): Promise<void> {
    made.stopTimer();
    made.abort.abort();
    try {
      const downstream = await made.opened.catch(() => undefined);
      await downstream?.close();
    } finally {
      gone(made);
    }
  }

  function gone(made: Connection): void {
    connections.delete(made);
    if (connections.size === 0) onEmpty();
  }

  /** The same, which is not closed while something is under way on it. */
  function tracked(made: Connection, downstream: Downstream): Downstream {
    return {
      ...downstream,
      ...targetOn(made),
      request: (request) => use(made, (open) => open.request(request)),
    };
  }

  function targetOn(made: Connection): Target {
    return {
      definition: (tool) => use(made, (downstream) => downstream.definition(tool)),
      given: (tool) => use(made, (downstream) => downstream.given(tool)),
      send: (call) => use(made, (downstream) => downstream.send(call)),
      summarise: (tool, args) => use(made, (downstream) => downstream.summarise(tool, args)),
    };
  }

  return {
    async target() {
      const made = connection();
      made.wanted = true;
      await use(made, async () => undefined);
      return targetOn(made);
    },
    async downstream() {
      const made = connection();
      made.wanted = true;
      return tracked(made, await use(made, async (downstream) => downstream));
    },
    standing: () =>
      current?.downstream?.isAlive() === true ? tracked(current, current.downstream) : undefined,
    offering: () => use(connection(), offeringOf),
    pause() {
      paused = true;
      for (const { downstream } of connections) downstream?.pause();
    },
    resume() {
      paused = false;
      for (const { downstream } of connections) downstream?.resume();
    },
    renew() {
      if (current) retire(current);
    },
    finish() {
      if (current) retire(current);
      return new Promise((resolve) => {
        onEmpty = resolve;
        if (connections.size === 0) resolve();
      });
    },
    async end() {
      const ending = [...connections];
      for (const made of ending) retire(made);
      await Promise.all(ending.map(shut));
    },
  };
}

async function offeringOf(downstream: Downstream): Promise<Offering> {
  const [tools, listed] = await Promise.all([downstream.tools(), downstream.listed()]);
  return { hello: downstream.hello, tools, listed };
}
