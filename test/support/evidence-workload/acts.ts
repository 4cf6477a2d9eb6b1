import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { decisionForms, formIn, formsIn, signedFields } from '../console-browser.ts';
import { eventually } from '../host.ts';
import { decide, openPage } from '../reviewer.ts';
import { done, issueAgentKey } from './agents.ts';
import { allowed, collect, hold, waitFor } from './calls.ts';
import { must } from './reviewers.ts';
import { notesTools, PASSWORD, peopleText, rulesText } from './settings.ts';
import type { AgentName, World } from './world.ts';

/** Something out of the ordinary, which an auditor is to be told of. */
export type Act = (world: World) => Promise<void>;

/** What is common to the calls of an act. */
function callIn({ random }: World, agent: AgentName = 'claude') {
  return { agent, entry: 1_000_000 + random.below(1_000_000), words: 'for the auditor' };
}

const REASON = 'seen';

/** Nobody decides in time, and one person more is asked, who does. */
export const escalatesByTime: Act = async (world) => {
  const call = callIn(world);
  const id = await hold(world, call, 'alarm');
  await world.reviewers.byLink('frank', { id, tool: 'alarm', decision: 'approve', reason: REASON });
  world.counter.plant('escalated', id);
  await collect(world, call, 'alarm', id, 'succeeded');
};

/** The mail of one of two people is refused. */
export const reachesOneOfTwo: Act = async (world) => {
  const call = callIn(world);
  const id = await hold(world, call, 'reach_one');
  await eventually(async () => ((await isSettled(world, id)) ? true : undefined), 'all questions went out');
  await world.reviewers.byLink('alice', { id, tool: 'reach_one', decision: 'approve', reason: REASON });
  await collect(world, call, 'reach_one', id, 'succeeded');
  unreached(world, id);
};

/** No mail reaches anybody, and whom the workspace falls back on is asked. */
export const reachesNobody: Act = async (world) => {
  const call = callIn(world);
  const id = await hold(world, call, 'reach_nobody');
  await world.reviewers.byLink('frank', { id, tool: 'reach_nobody', decision: 'approve', reason: REASON });
  world.counter.plant('escalated', id);
  await collect(world, call, 'reach_nobody', id, 'succeeded');
  unreached(world, id);
};

/** The question, and then the word of how it ended, which nobody could be told either. */
function unreached({ counter }: World, id: string): void {
  counter.plant('notice_failed', id);
  counter.plant('notice_failed', id);
}

async function isSettled({ workspace }: World, id: string): Promise<boolean> {
  const status = JSON.parse(await done(workspace, 'status', '--json')) as {
    undelivered: readonly { request_id: string }[];
  };
  return !status.undelivered.some((each) => each.request_id === id);
}

/** The rule names the owner of the agent, who is not asked. */
export const namesTheOwner: Act = async (world) => {
  const call = callIn(world);
  const id = await hold(world, call, 'own_budget');
  world.counter.plant('self_approval_refused', id);
  await world.reviewers.byLink('alice', { id, tool: 'own_budget', decision: 'approve', reason: REASON });
  await collect(world, call, 'own_budget', id, 'succeeded');
};

/** Somebody for whom the owner acts from now on tries to decide what they were asked before. */
export const ownerTriesToDecide: Act = async (world) => {
  const { counter, reviewers } = world;
  const call = callIn(world);
  const id = await hold(world, call, 'share_entry');
  const page = await openPage(await reviewers.linkOf('grace', id));
  await changePolicy(world, 'policies/people.yaml', peopleText(['grace']));
  counter.plant('people_changed');
  const status = await decide(page, { decision: 'approve', confirm: 'share_entry', reason: '' });
  if (status !== 403) throw new Error(`Grace, for whom the owner acts, was answered ${status}.`);
  counter.plant('self_approval_refused', id);
  await reviewers.byLink('alice', { id, tool: 'share_entry', decision: 'approve', reason: REASON });
  await collect(world, call, 'share_entry', id, 'succeeded');
};

/** A signature that does not hold, and then one that does. */
export const signsWrongly: Act = async (world) => {
  const { counter, reviewers, site } = world;
  const call = callIn(world, 'cursor');
  const id = await hold(world, call, 'transfer');
  const path = new URL(await reviewers.linkOf('carol', id)).pathname;
  const browser = site.browser();
  const { signed } = decisionForms(await browser.get(path));
  const options = signed?.toSign?.['approve'];
  if (!options) throw new Error(`Nothing is to be signed at ${path}.`);
  const assertion = JSON.stringify(reviewers.keyOf('carol').assert(options, { tampered: true }));
  must(await browser.post(`${path}/decision`, { ...signed.fields, assertion, decision: 'approve' }), 403);
  counter.plant('verification_refused', id);
  await reviewers.byPasskey('carol', { id, tool: 'transfer', decision: 'approve', reason: REASON });
  await collect(world, call, 'transfer', id, 'succeeded');
};

/** The rules deny what waits, and whoever approves it then makes it void. */
export const rulesAreTightened: Act = async (world) => {
  const { counter, reviewers } = world;
  const call = callIn(world);
  const id = await hold(world, call, 'refund');
  const page = await openPage(await reviewers.linkOf('alice', id));
  await changePolicy(world, 'policies/rules.yaml', rulesText('refund'));
  await decide(page, { decision: 'approve', confirm: 'refund', reason: '' });
  await collect(world, call, 'refund', id, 'voided');
  counter.plant('voided', id);
};

/** A file of the policy is another one, and the host has taken it up. */
async function changePolicy(
  { workspace, counter, reviewers }: World,
  name: string,
  text: string,
): Promise<void> {
  const browser = await reviewers.browserOf('carol');
  const inForce = async (): Promise<string> => {
    const { text: page } = must(await browser.get('/console/rules'), 200);
    return /In force: version <code>([^<]+)</.exec(page)?.[1] ?? '';
  };
  const before = await inForce();
  workspace.write(name, text);
  await eventually(async () => ((await inForce()) === before ? undefined : true), `the host took up ${name}`);
  counter.plant('policy_changed');
}

/** A server changes a tool while a call of it waits; a person takes the change, and another by approving a call. */
export const serverChangesATool: Act = async (world) => {
  const { counter, reviewers } = world;
  const waits = callIn(world);
  // Whoever is not connected is not told that tools change, and finds out when one is called.
  await allowed(world, waits, 'read_note', 'succeeded', 'notes');
  const id = await hold(world, waits, 'post_note', { server: 'notes' });
  serveNotes(world, 2);
  counter.plant('definition_changed');
  await collect(world, waits, 'post_note', id, 'voided', { server: 'notes' });
  counter.plant('voided', id);

  const browser = await reviewers.browserOf('carol');
  const list = must(await browser.get('/console/tools'), 200);
  const [, path] = /href="[./]*(console\/tools\/[^"]+)"/.exec(list.text) ?? [];
  if (path === undefined) throw new Error(`No change waits: ${list.text}`);
  // The text of a definition comes a moment after the word that it changed.
  const form = await eventually(
    async () => formsIn((await browser.get(`/${path}`)).text).find(({ toSign }) => toSign),
    'the change could be signed',
  );
  const fields = { ...signedFields(form, reviewers.keyOf('carol')), reason: 'Asked the vendor.' };
  must(await browser.post(new URL(form.action, `http://localhost/${path}`).pathname, fields), 303);
  counter.plant('definition_accepted');

  serveNotes(world, 3);
  counter.plant('definition_changed');
  await eventually(
    async () => ((await browser.get('/console/tools')).text.includes('post_note') ? true : undefined),
    'the change was seen',
  );
  const call = callIn(world);
  const held = await hold(world, call, 'post_note', { server: 'notes' });
  await reviewers.byPasskey('carol', {
    id: held,
    tool: 'post_note',
    decision: 'approve',
    reason: REASON,
  });
  await collect(world, call, 'post_note', held, 'succeeded', { server: 'notes' });
  counter.plant('definition_accepted', held);
};

/** In one step, so that nobody reads half of it. */
export function serveNotes({ workspace }: Pick<World, 'workspace'>, edition: number): void {
  workspace.write('notes/next.json', notesTools(edition));
  renameSync(join(workspace.dir, 'notes/next.json'), join(workspace.dir, 'notes/tools.json'));
}

/** A server dies in the middle of an approved call, of which a person finds out what became of it. */
export const serverDiesWhenApproved: Act = async (world) => {
  const { counter, reviewers } = world;
  const call = callIn(world);
  const id = await hold(world, call, 'stall', { server: 'fragile', mark: 'approved' });
  await reviewers.byPasskey('carol', { id, tool: 'stall', decision: 'approve', reason: REASON });
  process.kill(await begun(world, 'approved'), 'SIGKILL');
  const status = await waitFor(world, call.agent, id);
  if (status !== 'outcome_unknown') throw new Error(`${id} ended as ${status}.`);
  counter.plant('outcome_unknown', id);

  const browser = await reviewers.browserOf('carol');
  const path = `/console/requests/${id}`;
  const form = formIn(await browser.get(path), '/reconcile');
  const signed = signedFields(form, reviewers.keyOf('carol'), 'done');
  must(await browser.post(`${path}/reconcile`, { ...signed, outcome: 'done', reason: 'In the books.' }), 303);
  counter.plant('reconciled', id);
  counter.called({
    agent: call.agent,
    tool: 'fragile/stall',
    verdict: 'review',
    outcome: 'reconciled_done',
    request_id: id,
  });
};

/** The same to an allowed one. */
export const serverDiesWhenAllowed: Act = async (world) => {
  const end = await stallFreely(world, 'allowed');
  process.kill(await begun(world, 'allowed'), 'SIGKILL');
  await end();
  world.counter.plant('outcome_unknown');
};

/** Makes an allowed call that its server does not answer. @returns what waits for its end */
export async function stallFreely(world: World, mark: string): Promise<() => Promise<void>> {
  const agent = 'cursor';
  const { entry } = callIn(world);
  const answered = world.agent(agent).call('fragile__stall_freely', { entry, mark });
  // Where the host is killed, its agents are told nothing.
  const ended = answered.then(
    (answer) => answer.isError === true,
    () => true,
  );
  await begun(world, mark);
  return async () => {
    if (!(await ended)) throw new Error('A call that nobody answered was answered.');
    world.counter.called({
      agent,
      tool: 'fragile/stall_freely',
      verdict: 'allow',
      outcome: 'outcome_unknown',
    });
  };
}

/** @returns the process that has taken up the call with this mark and will not answer it */
export function begun({ workspace }: World, mark: string): Promise<number> {
  const path = join(workspace.dir, 'files', `begun-${mark}`);
  return eventually(async () => {
    const pid = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
    return pid > 0 ? pid : undefined;
  }, `${mark} was begun`);
}

/** Keys come and go: of an agent, of a reviewer, and a passkey. */
export const keysComeAndGo: Act = async (world) => {
  const { workspace, counter, reviewers } = world;
  const { key_id } = await issueAgentKey(workspace, 'spare');
  counter.plant('agent_key');
  await done(workspace, 'people', 'agent-key', 'revoke', 'spare', key_id);
  counter.plant('agent_key');
  const key = await reviewers.makeKey('dan', 'read');
  await done(workspace, 'people', 'revoke-key', 'dan', key.slice(4, 16));
  counter.plant('reviewer_key');
};

/** A secret is shown to who may decide, and then used. */
export const secretIsRevealed: Act = async (world) => {
  const { counter, reviewers, site } = world;
  const call = { ...callIn(world), words: PASSWORD };
  const id = await hold(world, call, 'set_password');
  const path = new URL(await reviewers.linkOf('alice', id)).pathname;
  const browser = site.browser();
  const page = must(await browser.get(path), 200);
  const { fields } = formIn(page, '/reveal');
  const shown = await browser.post(`${path}/reveal`, { ...fields, confirm: 'set_password', reveal: 'show' });
  if (page.text.includes(PASSWORD) || !must(shown, 200).text.includes(PASSWORD))
    throw new Error('The secret was not shown when it was asked for, or before.');
  counter.plant('secret_revealed', id);
  await reviewers.byLink('alice', { id, tool: 'set_password', decision: 'approve', reason: REASON });
  await collect(world, call, 'set_password', id, 'succeeded');
};

/** The payloads of a call are held, released and erased. */
export const payloadsAreErased: Act = async (world) => {
  const { workspace, counter, reviewers } = world;
  const call = callIn(world);
  const id = await hold(world, call, 'write_entry');
  await reviewers.byLink('alice', { id, tool: 'write_entry', decision: 'approve', reason: REASON });
  await collect(world, call, 'write_entry', id, 'succeeded');
  const placed = await done(workspace, 'log', 'hold', id, '--reason', 'Case 7.', '--json');
  counter.plant('hold', id);
  const { hold_id } = JSON.parse(placed) as { hold_id: string };
  await done(workspace, 'log', 'release', hold_id, '--reason', 'Case 7 is closed.');
  counter.plant('hold');
  await done(workspace, 'log', 'erase', id, '--reason', 'She asked us to.');
  counter.plant('payload_erased', id);
};

export const logKeyIsRotated: Act = async ({ workspace, counter }) => {
  await done(workspace, 'log', 'rotate-key', '--reason', 'A year is over.');
  counter.plant('key_changed');
};

/**
 * The host is killed while an approved call and an allowed one are under way and a third waits; its last write is left
 * torn. It goes on where it was.
 */
export const hostIsKilled: Act = async (world) => {
  const { workspace, counter, reviewers } = world;
  const call = callIn(world);
  const stalled = await hold(world, call, 'stall', { server: 'fragile', mark: 'crashed' });
  await reviewers.byPasskey('carol', { id: stalled, tool: 'stall', decision: 'approve', reason: REASON });
  await begun(world, 'crashed');
  const endOfAllowed = await stallFreely(world, 'crashed-allowed');
  const waits = callIn(world);
  const waiting = await hold(world, waits, 'write_entry');
  await reviewers.linkOf('alice', waiting);

  const { child, ended } = world.host();
  child.kill('SIGKILL');
  await ended;
  await endOfAllowed();
  counter.plant('outcome_unknown');
  appendFileSync(lastSegment(workspace.dir), '{"v":1,"seq":');
  await world.restart();
  counter.plant('log_recovered');

  await collect(world, call, 'stall', stalled, 'outcome_unknown', { server: 'fragile' });
  counter.plant('outcome_unknown', stalled);
  await reviewers.byLink('alice', { id: waiting, tool: 'write_entry', decision: 'approve', reason: REASON });
  await collect(world, waits, 'write_entry', waiting, 'succeeded');
  await allowed(world, callIn(world, 'batch'), 'read_entry', 'succeeded');
};

function lastSegment(dir: string): string {
  const journal = join(dir, 'data/journal');
  const last = readdirSync(journal)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .at(-1);
  if (last === undefined) throw new Error('There is no journal.');
  return join(journal, last);
}

/** All of them in the order in which they can follow each other. */
export const ACTS: readonly Act[] = [
  escalatesByTime,
  reachesOneOfTwo,
  reachesNobody,
  namesTheOwner,
  signsWrongly,
  ownerTriesToDecide,
  rulesAreTightened,
  serverChangesATool,
  serverDiesWhenApproved,
  serverDiesWhenAllowed,
  keysComeAndGo,
  secretIsRevealed,
  payloadsAreErased,
  logKeyIsRotated,
  hostIsKilled,
];
