import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadPolicy } from '../../src/policies/load.ts';
import type { Problem } from '../../src/policies/positions.ts';
import { watchPolicy, type PolicyWatch } from '../../src/policies/watch.ts';
import { FakeClock } from '../support/clock.ts';
import { PEOPLE, policyFolder, RULES } from '../support/policy-folder.ts';

const SETTLE_MS = 150;
const RECHECK_MS = 30_000;
const DENY_ALL = '  - { id: all, match: {}, verdict: deny }\n';

/** A clock that tells when something was put off for as long as a file's changes take to settle. */
class WatchedClock extends FakeClock {
  #waiting: (() => void)[] = [];

  override after(ms: number, task: () => void): () => void {
    const cancel = super.after(ms, task);
    if (ms === SETTLE_MS) for (const resolve of this.#waiting.splice(0)) resolve();
    return cancel;
  }

  /** Resolves at the next event that the system reports for the folder. */
  event(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

interface Watched {
  readonly dir: string;
  readonly clock: WatchedClock;
  readonly watch: PolicyWatch;
  /** What was told, in order: the ids of the rules of a valid policy, or the messages of an invalid one. */
  readonly told: string[];
  readonly loads: () => number;
}

async function watched(run: (world: Watched) => Promise<void>): Promise<void> {
  const dir = policyFolder({ 'people.yaml': PEOPLE, 'rules.yaml': RULES });
  const clock = new WatchedClock();
  const told: string[] = [];
  const first = await loadPolicy({ dir });
  if (first.kind === 'invalid') throw new Error('The policy of this test must be valid.');
  let loads = 0;
  const watch = watchPolicy({
    dir,
    clock,
    load: () => {
      loads += 1;
      return loadPolicy({ dir });
    },
    version: first.policy.version,
    onChange: ({ policy }) => told.push(policy.rules.map((rule) => rule.id).join()),
    onInvalid: (problems: readonly Problem[]) => told.push(problems.map(({ message }) => message).join()),
  });
  // The watcher does not keep a process alive by itself.
  const alive = setInterval(() => undefined, 60_000);
  try {
    await run({ dir, clock, watch, told, loads: () => loads });
  } finally {
    clearInterval(alive);
    watch.close();
  }
}

test('a changed file is read once its changes have settled', () =>
  watched(async ({ dir, clock, watch, told }) => {
    const event = clock.event();
    writeFileSync(join(dir, 'rules.yaml'), RULES + DENY_ALL);
    await event;
    clock.advance(SETTLE_MS);
    await watch.check();
    assert.equal(told, ['reads,all']);
  }));

test('a file that an editor replaces by renaming is read', () =>
  watched(async ({ dir, clock, watch, told }) => {
    const event = clock.event();
    writeFileSync(join(dir, '.rules.yaml.tmp'), RULES + DENY_ALL);
    renameSync(join(dir, '.rules.yaml.tmp'), join(dir, 'rules.yaml'));
    await event;
    clock.advance(SETTLE_MS);
    await watch.check();
    assert.equal(told, ['reads,all']);
  }));

test('nothing is read before the changes have settled', () =>
  watched(async ({ dir, clock, loads }) => {
    const event = clock.event();
    writeFileSync(join(dir, 'rules.yaml'), RULES + DENY_ALL);
    await event;
    clock.advance(SETTLE_MS - 1);
    assert.is(loads(), 0);
  }));

test('an event without a change of content is no change', () =>
  watched(async ({ dir, clock, watch, told }) => {
    const event = clock.event();
    writeFileSync(join(dir, 'rules.yaml'), RULES);
    await event;
    clock.advance(SETTLE_MS);
    await watch.check();
    assert.equal(told, []);
  }));

test('a change without an event is found by the re-check', () =>
  watched(async ({ dir, clock, watch, told, loads }) => {
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    writeFileSync(join(dir, 'people.yaml'), PEOPLE);
    writeFileSync(join(dir, 'rules.yaml'), RULES + DENY_ALL);
    clock.advance(RECHECK_MS);
    assert.ok(loads() <= 1);
    await watch.check();
    assert.equal(told, ['reads,all']);
  }));

test('a folder that was replaced is followed after the re-check', () =>
  watched(async ({ dir, clock, watch, told }) => {
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    writeFileSync(join(dir, 'people.yaml'), PEOPLE);
    clock.advance(RECHECK_MS);
    await watch.check();
    const event = clock.event();
    writeFileSync(join(dir, 'rules.yaml'), RULES + DENY_ALL);
    await event;
    clock.advance(SETTLE_MS);
    await watch.check();
    assert.is(told.at(-1), 'reads,all');
  }));

test('an invalid policy is told once, and the last valid one is not replaced', () =>
  watched(async ({ dir, watch, told }) => {
    writeFileSync(join(dir, 'rules.yaml'), `${RULES}colour: red\n`);
    await watch.check();
    await watch.check();
    assert.equal(told, ['"colour" is not a key that this can have (known here: unmatched, review, rules).']);
  }));

test('another mistake is told again', () =>
  watched(async ({ dir, watch, told }) => {
    writeFileSync(join(dir, 'rules.yaml'), `${RULES}unmatched: ask\n`);
    await watch.check();
    writeFileSync(join(dir, 'rules.yaml'), `${RULES}rules: []\n`);
    await watch.check();
    assert.equal(told, [
      'unmatched must be allow, review or deny.',
      'This key stands here a second time; keep one of the two.',
    ]);
  }));

test('a policy that is mended is told, even when it is the one that stood before', () =>
  watched(async ({ dir, watch, told }) => {
    writeFileSync(join(dir, 'rules.yaml'), `${RULES}unmatched: ask\n`);
    await watch.check();
    writeFileSync(join(dir, 'rules.yaml'), RULES);
    await watch.check();
    assert.equal(told, ['unmatched must be allow, review or deny.', 'reads']);
  }));

test('a folder that disappears is told, and its return too', () =>
  watched(async ({ dir, watch, told }) => {
    renameSync(dir, `${dir}.away`);
    await watch.check();
    renameSync(`${dir}.away`, dir);
    await watch.check();
    assert.equal(told, [
      `There is no ${dir}/people.yaml; run placet init, or create it with the people who review and the agents they own.`,
      'reads',
    ]);
  }));

test('nothing is told after it was closed', () =>
  watched(async ({ dir, clock, watch, told, loads }) => {
    writeFileSync(join(dir, 'rules.yaml'), RULES + DENY_ALL);
    const checked = watch.check();
    watch.close();
    await checked;
    const before = loads();
    clock.advance(10 * RECHECK_MS);
    assert.equal([told, loads()], [[], before]);
  }));

test.run();
