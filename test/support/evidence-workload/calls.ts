import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { CallOutcome } from '../../../src/core/evidence.ts';
import { approvalId, statusOf } from '../workspace.ts';
import type { Decision } from './reviewers.ts';
import { REACHED, WORDS } from './settings.ts';
import type { AgentName, Scene } from './world.ts';

/** What a call of the crowd is to come to. */
export const STORIES = [
  'read',
  'failed_read',
  'denied',
  'unfit',
  'linked',
  'signed',
  'keyed',
  'signed_elsewhere',
  'by_two',
  'failed_write',
  'expired',
  'cancelled',
] as const;
export type Story = (typeof STORIES)[number];

/** One call in the crowd. */
export interface Planned {
  readonly story: Story;
  readonly agent: AgentName;
  readonly decision: Decision;
  /** What it writes, and what is said of it. */
  readonly words: string;
  readonly entry: number;
}

const READS = ['read_entry', 'read_balance', 'read_accounts'] as const;
const AGENTS: readonly AgentName[] = ['claude', 'claude', 'claude', 'cursor', 'cursor', 'batch'];
/** Of ten thousand calls, for each story but `read`, which is the rest. One of each at least. */
const SHARES: Readonly<Record<Exclude<Story, 'read'>, number>> = {
  failed_read: 100,
  denied: 100,
  unfit: 20,
  linked: 180,
  signed: 110,
  keyed: 110,
  signed_elsewhere: 40,
  by_two: 50,
  failed_write: 20,
  expired: 30,
  cancelled: 30,
};

/** So many calls in an order that the seed gives; those first that take their time by themselves. */
export function planCalls(count: number, { pick, below, shuffled }: Scene['random']): readonly Planned[] {
  const stories = (Object.keys(SHARES) as (keyof typeof SHARES)[]).flatMap((story): Story[] =>
    Array.from({ length: Math.max(1, Math.round((SHARES[story] * count) / 10_000)) }, () => story),
  );
  while (stories.length < count) stories.push('read');
  const plan = shuffled(stories).map((story) => ({
    story,
    agent: pick(AGENTS),
    decision: below(6) === 0 ? ('reject' as const) : ('approve' as const),
    words: pick(WORDS),
    entry: below(1_000_000),
  }));
  return plan.sort((a, b) => Number(b.story === 'expired') - Number(a.story === 'expired'));
}

/** Makes these calls, so many of them at once. */
export async function runCalls(scene: Scene, plan: readonly Planned[], atOnce: number): Promise<void> {
  const queue = plan.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const planned of queue) await STAGED[planned.story](scene, planned);
    }),
  );
}

const STAGED: Readonly<Record<Story, (scene: Scene, planned: Planned) => Promise<void>>> = {
  read: (scene, planned) => allowed(scene, planned, READS[planned.entry % READS.length] ?? '', 'succeeded'),
  failed_read: (scene, planned) => allowed(scene, planned, 'fail_read', 'failed'),
  denied: (scene, planned) => denied(scene, planned, 'drop_table'),
  unfit,

  async linked(scene, planned) {
    const id = await hold(scene, planned, 'write_entry');
    await scene.reviewers.byLink('alice', decidingOf(planned, id, 'write_entry'));
    await collect(scene, planned, 'write_entry', id, endOf(planned));
  },
  async signed(scene, planned) {
    const id = await hold(scene, planned, 'transfer');
    await scene.reviewers.byPasskey('carol', decidingOf(planned, id, 'transfer'));
    await collect(scene, planned, 'transfer', id, endOf(planned));
  },
  async keyed(scene, planned) {
    const id = await hold(scene, planned, 'tag_entry');
    await scene.reviewers.byKey('dan', decidingOf(planned, id, 'tag_entry'));
    await collect(scene, planned, 'tag_entry', id, endOf(planned));
  },
  async signed_elsewhere(scene, planned) {
    const id = await hold(scene, planned, 'tag_entry');
    await scene.reviewers.bySignature('carol', decidingOf(planned, id, 'tag_entry'));
    await collect(scene, planned, 'tag_entry', id, endOf(planned));
  },
  async by_two(scene, planned) {
    const id = await hold(scene, planned, 'post_invoice');
    const { decision } = planned;
    await scene.reviewers.byLink('alice', {
      ...decidingOf(planned, id, 'post_invoice'),
      decision: 'approve',
    });
    await scene.reviewers.byPasskey('carol', { ...decidingOf(planned, id, 'post_invoice'), decision });
    await collect(scene, planned, 'post_invoice', id, endOf(planned));
  },
  async failed_write(scene, planned) {
    const id = await hold(scene, planned, 'fail_write');
    await scene.reviewers.byLink('alice', {
      ...decidingOf(planned, id, 'fail_write'),
      decision: 'approve',
    });
    await collect(scene, planned, 'fail_write', id, 'failed');
  },
  async expired(scene, planned) {
    const id = await hold(scene, planned, 'offer');
    await collect(scene, planned, 'offer', id, 'expired');
    scene.counter.plant('expired', id);
  },
  async cancelled(scene, planned) {
    const id = await hold(scene, planned, 'write_entry');
    await scene.agent(planned.agent).call('placet_cancel', { approval_id: id });
    await collect(scene, planned, 'write_entry', id, 'cancelled');
  },
};

const endOf = ({ decision }: Planned): CallOutcome => (decision === 'approve' ? 'succeeded' : 'rejected');

function decidingOf({ decision, words }: Planned, id: string, tool: string) {
  return { id, tool, decision, reason: words };
}

/** A call that the rules allow. */
export async function allowed(
  { agent, counter }: Scene,
  planned: Pick<Planned, 'agent' | 'entry' | 'words'>,
  tool: string,
  outcome: 'succeeded' | 'failed',
  server = 'ledger',
): Promise<void> {
  const { entry, words } = planned;
  const answer = await agent(planned.agent).call(`${server}__${tool}`, { entry, note: words });
  if (isHeld(answer) || (answer.isError === true) !== (outcome === 'failed')) throw strange(tool, answer);
  counter.called({ agent: planned.agent, tool: `${server}/${tool}`, verdict: 'allow', outcome });
}

/** A call that a rule denies. */
export async function denied(
  { agent, counter }: Scene,
  planned: Pick<Planned, 'agent' | 'entry' | 'words'>,
  tool: string,
): Promise<void> {
  const { entry, words } = planned;
  const answer = await agent(planned.agent).call(`ledger__${tool}`, { entry, note: words });
  if (answer._meta?.['placet/refusal'] === undefined) throw strange(tool, answer);
  counter.called({ agent: planned.agent, tool: `ledger/${tool}`, verdict: 'deny', outcome: 'denied' });
  counter.plant('denied');
}

/** Arguments that do not fit the tool. On a machine that is too busy to check them a person would be asked. */
async function unfit(scene: Scene, planned: Planned): Promise<void> {
  const { agent, counter } = scene;
  const answer = await agent(planned.agent).call('ledger__transfer', {
    entry: 'not a number',
    note: planned.words,
    mark: String(planned.entry),
  });
  if (statusOf(answer) === 'pending_approval') {
    const id = approvalId(answer);
    await scene.post.ask(id, 'carol');
    await agent(planned.agent).call('placet_cancel', { approval_id: id });
    return collect(scene, planned, 'transfer', id, 'cancelled');
  }
  if (answer._meta?.['placet/refusal'] === undefined) throw strange('transfer', answer);
  counter.called({ agent: planned.agent, tool: 'ledger/transfer', verdict: 'deny', outcome: 'denied' });
  counter.plant('denied');
}

/** A call that people are asked about. @returns the id of its request, once all of them have been */
export async function hold(
  { agent, post }: Scene,
  planned: Pick<Planned, 'agent' | 'entry' | 'words'>,
  tool: string,
  { server = 'ledger', ...args }: Record<string, unknown> & { readonly server?: string } = {},
): Promise<string> {
  const { entry, words } = planned;
  const answer = await agent(planned.agent).call(`${server}__${tool}`, { entry, note: words, ...args });
  if (statusOf(answer) !== 'pending_approval') throw strange(tool, answer);
  const id = approvalId(answer);
  await Promise.all((REACHED[tool] ?? []).map((person) => post.ask(id, person)));
  return id;
}

/** Waits for the end of a held call and takes note of it. */
export async function collect(
  scene: Scene,
  planned: Pick<Planned, 'agent'>,
  tool: string,
  id: string,
  outcome: CallOutcome,
  { server = 'ledger', ...more }: { readonly server?: string; readonly carried?: true } = {},
): Promise<void> {
  const status = await waitFor(scene, planned.agent, id);
  if (status !== outcome) throw new Error(`${tool} ${id} ended as ${status} and not as ${outcome}.`);
  scene.counter.called({
    agent: planned.agent,
    tool: `${server}/${tool}`,
    verdict: 'review',
    outcome,
    request_id: id,
    ...more,
  });
}

const UNSETTLED = ['pending_approval', 'approved', 'executing'];

/** @returns the status in which it ended */
export async function waitFor({ agent }: Scene, name: AgentName, id: string): Promise<string> {
  for (let left = 20; left > 0; left -= 1) {
    const answer = await agent(name).call('placet_status', { approval_id: id, wait_seconds: 25 });
    const status = statusOf(answer);
    if (status === undefined) throw strange('placet_status', answer);
    if (!UNSETTLED.includes(status)) return status;
  }
  throw new Error(`${id} was not settled in time.`);
}

function isHeld(answer: CallToolResult): boolean {
  return statusOf(answer) !== undefined;
}

function strange(tool: string, answer: CallToolResult): Error {
  return new Error(`${tool} was answered as it should not be: ${JSON.stringify(answer).slice(0, 1000)}`);
}
