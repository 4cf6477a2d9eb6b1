import { openOutside } from './outside.ts';
import { makeWorkspace, type TestWorkspace } from './workspace.ts';
import { ACTS, begun, serveNotes, stallFreely } from './evidence-workload/acts.ts';
import { issueAgentKey, overHttp, overStdio, type Connection } from './evidence-workload/agents.ts';
import { allowed, collect, hold, planCalls, runCalls } from './evidence-workload/calls.ts';
import { openPost } from './evidence-workload/post.ts';
import { createReviewers } from './evidence-workload/reviewers.ts';
import { seeded } from './evidence-workload/seeded.ts';
import { peopleText, rulesText, servers } from './evidence-workload/settings.ts';
import { createCounter, type WorkloadTally } from './evidence-workload/tally.ts';
import { boundary, serve, type AgentName, type World } from './evidence-workload/world.ts';

export type { WorkloadTally } from './evidence-workload/tally.ts';

export interface WorkloadOptions {
  readonly seed: number;
  /** So many calls within the period, those of the acts included. */
  readonly calls: number;
  /** How many are in flight. Default 64. */
  readonly atOnce?: number;
}

export interface Workload {
  readonly workspace: TestWorkspace;
  /** The period. More happened before it and after it. RFC 3339, UTC. */
  readonly from: string;
  readonly to: string;
  /** What happened in it, as those knew it who did it. */
  readonly tally: WorkloadTally;
  /** Ends the host, which serves still. */
  close(): Promise<void>;
}

const STDIO = ['claude', 'cursor'] as const;

/**
 * Runs a workspace as a company would in a bad week: the built program, agents over stdio and HTTP, people who decide
 * by link, passkey and key, and everything that an auditor is to be told of, at least once. The same seed makes the same
 * calls.
 */
export async function runWorkload({ seed, calls, atOnce = 64 }: WorkloadOptions): Promise<Workload> {
  const random = seeded(seed);
  const counter = createCounter();
  const post = await openPost({ refuse: ['erin'] });
  const workspace = makeWorkspace({
    people: peopleText(),
    rules: rulesText(),
    servers: servers(),
    env: { PLACET_SMTP_URL: post.smtpUrl, PLACET_DIGEST_AFTER: '9999' },
  });
  serveNotes({ workspace }, 1);
  const connections = new Map<AgentName, Connection>();
  let host = await serve(workspace);
  const batch = await issueAgentKey(workspace, 'batch');
  const connect = async (): Promise<void> => {
    for (const name of STDIO) connections.set(name, await overStdio(workspace, name));
    connections.set('batch', await overHttp(batch.mcp_url, 'batch', batch.key));
  };
  await connect();
  const site = await openOutside(workspace, post);
  const reviewers = createReviewers({ site, post, counter });
  for (const person of ['carol', 'dan']) await reviewers.enrol(person);

  const world: World = {
    workspace,
    post,
    site,
    reviewers,
    counter,
    random,
    agent(name) {
      const connection = connections.get(name);
      if (!connection) throw new Error(`${name} is not connected.`);
      return connection;
    },
    host: () => host,
    async restart() {
      host = await serve(workspace);
      for (const connection of connections.values()) await connection.close().catch(() => undefined);
      await connect();
    },
  };

  const before = { agent: 'claude', entry: 1, words: 'before the period' } as const;
  for (const entry of [1, 2, 3]) await allowed(world, { ...before, entry }, 'read_entry', 'succeeded');
  const carried = await hold(world, before, 'write_entry');
  const from = await boundary(site);
  counter.open();
  await reviewers.byLink('alice', { id: carried, tool: 'write_entry', decision: 'approve', reason: 'late' });
  await collect(world, before, 'write_entry', carried, 'succeeded', { carried: true });

  const after = { agent: 'claude', entry: 2, words: 'at the end of the period' } as const;
  const half = Math.floor(calls / 2);
  await runCalls(world, planCalls(half, random), atOnce);
  for (const act of ACTS) await act(world);
  await runCalls(world, planCalls(calls - counter.calls.length - ENDS, random), atOnce);

  const pending = await hold(world, after, 'write_entry');
  counter.called({
    agent: 'claude',
    tool: 'ledger/write_entry',
    verdict: 'review',
    outcome: 'pending',
    request_id: pending,
  });
  const endOfStalled = await stallFreely(world, 'end');
  counter.called({
    agent: 'cursor',
    tool: 'fragile/stall_freely',
    verdict: 'allow',
    outcome: 'under_way',
  });
  const to = await boundary(site);
  counter.shut();

  process.kill(await begun(world, 'end'), 'SIGKILL');
  await endOfStalled();
  await reviewers.byLink('alice', { id: pending, tool: 'write_entry', decision: 'reject', reason: 'late' });
  await collect(world, after, 'write_entry', pending, 'rejected');
  await allowed(world, { ...after, entry: 3 }, 'read_entry', 'succeeded');

  return {
    workspace,
    from,
    to,
    tally: counter,
    async close() {
      for (const connection of connections.values()) await connection.close().catch(() => undefined);
      await workspace.end();
      await host.ended;
      await post.close();
    },
  };
}

/** The calls that stand open at the end of the period. */
const ENDS = 2;
