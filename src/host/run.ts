import type { Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Settings } from '../config.ts';
import { messageOf } from '../core/errors.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { People } from '../core/person.ts';
import { createCustody } from '../guard/custody.ts';
import { createGuard } from '../guard/guard.ts';
import { withoutSecrets } from '../guard/masking.ts';
import { createInputChecker } from '../mcp/check-input.ts';
import { openAgentDoors } from './agent-doors.ts';
import { createCommands } from './commands.ts';
import { createControls } from './controls.ts';
import { createDesks } from './desks.ts';
import { openDownstreams } from './downstreams.ts';
import { withinLimit } from './drain.ts';
import { watchIdle } from './idle.ts';
import { createLazySite } from './lazy-site.ts';
import { openEvidence } from './evidence-desk.ts';
import { openHistory } from './history-file.ts';
import { createNeeded } from './needed.ts';
import { openNotices } from './notices.ts';
import { openPolicy, policiesOf } from './policy-in-force.ts';
import { createReviewers } from './reviewers.ts';
import { openSite } from './site.ts';
import { openSlack } from './slack.ts';
import { openSockets } from './sockets.ts';
import { statusOf } from './status.ts';
import { openStore } from './store.ts';
import { openStreams } from './streams.ts';
import { systemClock as clock, systemRandom as random } from './system.ts';
import { openTransparency } from './transparency.ts';

export interface HostOptions {
  readonly settings: Settings;
  readonly software: string;
  /** The command line of the `placet` program, to call it again. */
  readonly program: readonly [string, ...string[]];
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
const MAX_ARGS_BYTES = 8 * 1024 * 1024;
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
  { settings, software, program, endsWhenIdle, ...options }: HostOptions,
  closers: (() => Promise<void> | void)[],
  unwind: () => Promise<void>,
): Promise<RunningHost> {
  const { workspace, data } = settings;
  // Servers write what they like to their standard error, and the log is a file.
  const log: Log = (line) => options.log(withoutSecrets(line));
  const connections = new Set<Socket>();
  closers.push(() => connections.forEach((socket) => socket.destroy()));
  const store = await openStore({ data, software, clock, random, log }, closers);
  const { keys, journal, ledger, changes, payloads, secrets } = store;

  const policies = policiesOf(settings);
  const policy = await openPolicy({ settings, clock, journal, ledger, log });
  closers.push(() => policy.close());
  const { history, close: closeHistory } = await openHistory({
    dir: data,
    key: keys.derive('history'),
    journal,
    changes,
    clock,
    log,
    software,
  });
  closers.push(closeHistory);
  const serving = await openSite({ settings, clock });
  closers.push(() => serving.close());
  const { publicUrl } = serving;
  const base = { settings, publicUrl, journal, ledger, changes, clock, random, log };
  const transparency = await openTransparency(base);
  closers.push(() => transparency.close());
  const origin = transparency.checkpoints.verifier().name;
  const streams = await openStreams({ settings, journal, changes, origin, software, clock, random, log });
  closers.push(() => streams.close());
  const people = (): People => policy.current().people;
  const identities = (): IdentitiesView => ledger.identities;
  const access = () => ledger.reviewerAccess;
  const trusted = { settings, publicUrl, keys, journal, identities, access, people, clock, random };
  const reviewers = await createReviewers(trusted);
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
    secrets,
    policy: policy.withSignOns,
    history,
    verifyAssertion: reviewers.verifyAssertion,
    definitions: downstreams.definitions,
    reach: downstreams.fleet.reach,
    checkInput: checker.check,
    changes,
    clock,
    random,
    log,
    maxArgsBytes: MAX_ARGS_BYTES,
    tagsOf: downstreams.catalogue.tagsOf,
  });

  const slack = await openSlack({ settings, guard, reviewers, publicUrl, clock, random, log });
  closers.push(() => slack?.close());
  const evidence = await openEvidence({ workspace, data, program, journal, clock, random, log });
  closers.push(() => evidence.close());
  const makeSite = async () => {
    const { reviewSiteOf } = await import('./review-site.ts');
    return reviewSiteOf({
      evidenceDesk: evidence.desk,
      controls: createControls(policies, log),
      reviewers,
      slack,
      guard,
      journal,
      ledger,
      transparency,
      streams,
      policy,
      policies,
      people,
      identities,
      history,
      changes,
      publicUrl,
      monitorToken: settings.monitorToken,
      stamped: settings.tsaUrl !== undefined,
      clock,
      random,
      log,
    });
  };
  const site = createLazySite({ make: makeSite, clock, log });
  closers.push(() => site.close());

  const notices = await openNotices({ ...base, checkpoints: transparency.checkpoints, guard, people });
  closers.push(() => notices.close());
  const custody = createCustody({ journal, ledger, payloads, clock, random, log });
  closers.push(() => custody.close());
  await guard.recover();
  await custody.resume();
  closers.push(() => withinLimit(guard.drain(), { clock, log }));
  notices.outbox.poke();
  notices.invitations.poke();

  const doors = openAgentDoors({
    settings,
    policy,
    journal,
    ledger,
    changes,
    guard,
    downstreams,
    publicUrl,
    clock,
    random,
    log,
    software,
    maxMessageBytes: MAX_MESSAGE_BYTES,
  });
  closers.push(() => doors.close());
  const { clients } = doors;
  serving.mount({ fetch: (request, env) => doors.mcp.fetch(request, env) ?? site.fetch(request, env) });

  const problems = (): readonly string[] => [
    ...notices.problems,
    ...(slack?.problems() ?? []),
    ...policy.problems(),
    ...transparency.problems(),
    ...custody.problems(),
    ...streams.problems(),
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

  const accept = createCommands({
    clients,
    ...createDesks({ ...base, reviewers, guard, custody, transparency, people }),
    agentKeys: doors.access.desk,
    status: () =>
      statusOf({
        software,
        workspace,
        url: publicUrl,
        sessions: clients.count(),
        journal,
        transparency,
        ledger,
        problems: problems(),
        servers: downstreams.catalogue.state(),
        undelivered: notices.outbox.undelivered(),
        uninvited: notices.invitations.undelivered(),
        streams: streams.states(),
      }),
    stop,
  });
  await openSockets({ workspace, agentsSocket: settings.agentsSocket, log, connections, accept }, closers);
  site.soon();
  if (endsWhenIdle) {
    const needed = createNeeded({
      clients,
      guard,
      custody,
      evidence,
      notices,
      streams,
      identities,
      ledger,
      clock,
    });
    closers.push(watchIdle({ clock, needed, afterMs: IDLE_MS, end: () => void stop() }));
  }
  for (const problem of problems()) log(problem);
  return { url: publicUrl, stop, ended };
}
