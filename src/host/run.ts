import { mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Settings } from '../config.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import { isSettled } from '../core/request.ts';
import { createGuard } from '../guard/guard.ts';
import { openJsonlJournal } from '../journal/jsonl.ts';
import { openWorkspaceKeys } from '../journal/keys.ts';
import { openPayloadFiles } from '../journal/payload-files.ts';
import { createInputChecker } from '../mcp/check-input.ts';
import type { Channel } from '../notify/channel.ts';
import { createEmailChannel } from '../notify/email/channel.ts';
import { createOutbox } from '../notify/outbox.ts';
import type { Hello } from './attach.ts';
import { observedLedger } from './changes.ts';
import { createClients } from './clients.ts';
import { openDownstreams } from './downstreams.ts';
import { withinLimit } from './drain.ts';
import { watchIdle } from './idle.ts';
import { openPolicy } from './policy-in-force.ts';
import { openSite } from './site.ts';
import { socketPath } from './socket-path.ts';
import { listenOnSocket } from './socket-server.ts';
import { statusOf } from './status.ts';
import { systemClock as clock, systemRandom as random } from './system.ts';

export interface HostOptions {
  readonly settings: Settings;
  readonly software: string;
  /** Ends by itself when nobody is attached, nothing is pending and nothing is undelivered. */
  readonly endsWhenIdle: boolean;
  readonly log: Log;
}

export interface RunningHost {
  /** The base of links. */
  readonly url: string;
  /** Ends cleanly: answers who waits, lets what was sent come to its end, keeps everything else for the next start. */
  stop(): Promise<void>;
  /** Resolves when the host has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

const IDLE_MS = 10 * 60_000;
const MAX_ARGS_BYTES = 1024 * 1024;
/** A message is its arguments and a small envelope. */
const MAX_MESSAGE_BYTES = MAX_ARGS_BYTES + 64 * 1024;

/**
 * Puts a host together and starts it. Whatever was opened before a failure is closed again.
 *
 * @throws ConfigError, JournalError in one sentence that says what is wrong with the workspace
 */
export async function runHost(options: HostOptions): Promise<RunningHost> {
  const closers: (() => Promise<void> | void)[] = [];
  const unwind = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        options.log(`While ending: ${messageOf(error)}`);
      }
    }
  };
  try {
    return await start(options, closers, unwind);
  } catch (error) {
    await unwind();
    throw error;
  }
}

async function start(
  { settings, software, endsWhenIdle, log }: HostOptions,
  closers: (() => Promise<void> | void)[],
  unwind: () => Promise<void>,
): Promise<RunningHost> {
  const { workspace, data } = settings;
  const connections = new Set<Socket>();
  closers.push(() => connections.forEach((socket) => socket.destroy()));
  makeDataFolder(data);
  const keys = await openWorkspaceKeys(join(data, 'keys'), random);
  const ledger = new Ledger();
  const { fold, changes } = observedLedger(ledger, log);
  const journal = await openJsonlJournal({
    dir: join(data, 'journal'),
    clock,
    random,
    node: newId('nod', clock.now(), random),
    fold,
    snapshotKey: keys.derive('snapshot'),
    software,
    onTrouble: log,
  });
  closers.push(() => journal.close());
  const payloads = openPayloadFiles({
    dir: join(data, 'payloads'),
    key: keys.derive('payloads'),
    clock,
    random,
    onTrouble: log,
  });
  closers.push(() => payloads.close());

  const policy = await openPolicy({ dir: join(workspace, 'policies'), clock, journal, ledger, log });
  closers.push(() => policy.close());
  const checker = createInputChecker({ clock });
  closers.push(() => checker.close());
  const downstreams = await openDownstreams({
    settings,
    identityKey: keys.derive('servers'),
    journal,
    ledger,
    clock,
    random,
    log,
    software,
  });
  closers.push(() => downstreams.close());

  const guard = createGuard({
    journal,
    ledger,
    payloads,
    policy: policy.current,
    reach: downstreams.fleet.reach,
    checkInput: checker.check,
    changes,
    clock,
    random,
    log,
    maxArgsBytes: MAX_ARGS_BYTES,
    tagsOf: (server, tool) =>
      downstreams.catalogue.tools().find((each) => each.server === server && each.tool === tool)?.tags ?? [],
  });

  const site = await openSite({
    settings,
    reviews: guard.reviews,
    antiForgeryKey: keys.derive('anti-forgery'),
    health: () => {
      const trouble = journal.trouble();
      return trouble === undefined ? { ready: true } : { ready: false, reason: trouble };
    },
    clock,
    log,
  });
  closers.push(() => site.close());

  const channels = channelsOf(settings);
  const outbox = createOutbox({
    requests: () => ledger.requests(),
    request: (id) => ledger.request(id),
    update: guard.update,
    content: guard.content,
    people: () => policy.current().people,
    channels,
    publicUrl: site.publicUrl,
    clock,
    random,
    log,
  });
  closers.push(async () => {
    await Promise.all([outbox.close(), ...channels.map((channel) => channel.close())]);
  });
  // One turn later, so that the pending answer leaves before any mail does.
  closers.push(
    changes.subscribe((entry) => void ('request_id' in entry && setImmediate(() => outbox.poke()))),
  );
  await guard.recover();
  closers.push(() => withinLimit(guard.drain(), { clock, log }));
  outbox.poke();

  const clients = createClients({
    settings,
    people: () => policy.current().people,
    guard,
    downstreams,
    clock,
    random,
    log,
    software,
    maxMessageBytes: MAX_MESSAGE_BYTES,
  });
  closers.push(() => clients.close());

  const problems = (): readonly string[] => [
    ...(channels.length === 0
      ? ['No mail server is set, so reviewers are not asked: set PLACET_SMTP_URL in .env.']
      : []),
    ...policy.problems(),
    ...downstreams.catalogue.state().flatMap((server) => server.problems),
  ];
  let finished = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    finished = resolve;
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= end());
  const end = async (): Promise<void> => {
    guard.release();
    await immediate();
    await unwind();
    finished();
  };

  const accept = async (
    hello: Hello,
  ): Promise<{ data?: unknown; hold?: ReturnType<typeof clients.welcome> }> => {
    switch (hello.op) {
      case 'stdio':
      case 'wrap':
        return { hold: clients.welcome(hello) };
      case 'status':
        return {
          data: statusOf({
            software,
            workspace,
            url: site.publicUrl,
            sessions: clients.count(),
            journal,
            ledger,
            problems: problems(),
            servers: downstreams.catalogue.state(),
            undelivered: outbox.undelivered(),
          }),
        };
      case 'stop':
        return { hold: (socket) => void stop().then(() => socket.end()) };
    }
  };
  for (const [door, path] of [
    ['owner', socketPath(workspace)],
    ['agents', settings.agentsSocket],
  ] as const) {
    if (path === undefined) continue;
    const listener = await listenOnSocket({ path, door, log, connections, accept });
    closers.push(() => listener.close());
  }
  if (endsWhenIdle) {
    const needed = (): boolean =>
      clients.count() > 0 ||
      guard.running() > 0 ||
      outbox.undelivered().length > 0 ||
      [...ledger.requests()].some((request) => !isSettled(request));
    closers.push(watchIdle({ clock, needed, afterMs: IDLE_MS, end: () => void stop() }));
  }
  for (const problem of problems()) log(problem);
  return { url: site.publicUrl, stop, ended };
}

function makeDataFolder(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(
      'data_unusable',
      `The data folder ${data} cannot be made: ${messageOf(error)}. Make it yours, or name another with PLACET_DATA.`,
      { cause: error },
    );
  }
}

function channelsOf(settings: Settings): readonly Channel[] {
  return settings.smtpUrl === undefined
    ? []
    : [createEmailChannel({ smtpUrl: settings.smtpUrl, from: settings.mailFrom, clock })];
}
