/**
 * Journals that earlier versions wrote. Whatever is written from now on has to be read and verified by every later
 * version: a folder is added for each release and none is ever changed.
 */
import { chmodSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyWorkspace } from '../../src/evidence/verify-workspace.ts';
import { openStore } from '../../src/host/store.ts';
import { openCheckpoints } from '../../src/journal/checkpoint-files.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { allowed } from '../support/journal-drafts.ts';
import { tempDir } from '../support/temp.ts';

const JOURNALS = join(import.meta.dirname, '../fixtures/journals');
const random = seededRandom(31);
/** Later than every entry of them. */
const clock = new FakeClock('2027-01-01T00:00:00.000Z');

/** How many entries each holds, and of which types some must be: a fixture that shrank proves nothing. */
const HELD: Readonly<Record<string, { readonly entries: number; readonly types: readonly string[] }>> = {
  '0.2.0/approvals': { entries: 220, types: ['approval.decided', 'execution.succeeded'] },
  '0.2.0/keys': { entries: 53, types: ['passkey.enrolled'] },
  '0.2.0/passkeys': { entries: 311, types: ['approval.decided'] },
  '0.2.0/sign-on': { entries: 82, types: ['approval.decided'] },
};

const found = readdirSync(JOURNALS).flatMap((version) =>
  readdirSync(join(JOURNALS, version)).map((name) => `${version}/${name}`),
);

/** A copy in a temporary folder, with the mode that git does not keep. */
function copyOf(name: string): string {
  const data = join(tempDir(), 'data');
  cpSync(join(JOURNALS, name), data, { recursive: true });
  for (const key of readdirSync(join(data, 'keys'))) chmodSync(join(data, 'keys', key), 0o600);
  return data;
}

function linesOf(data: string): string[] {
  const dir = join(data, 'journal');
  const segments = readdirSync(dir).filter((file) => file.endsWith('.jsonl'));
  return segments.sort().flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n').slice(0, -1));
}

/** Opens it as a host does, appends, signs, and closes it. */
async function go(data: string, call: string): Promise<void> {
  const troubles: string[] = [];
  const log = (line: string) => void troubles.push(line);
  const closers: (() => Promise<void> | void)[] = [];
  const { journal, ledger, changes } = await openStore(
    { data, software: 'now', clock, random, log },
    closers,
  );
  const checkpoints = await openCheckpoints({
    dir: join(data, 'journal'),
    keysDir: join(data, 'keys'),
    host: 'localhost',
    journal,
    custody: () => ledger.custody,
    changes,
    clock,
    random,
    log,
  });
  await journal.append(allowed(call));
  await checkpoints.close();
  for (const close of closers.reverse()) await close();
  assert.equal(troubles, [], call);
}

test('there are journals, and all of them are known', () => {
  assert.equal(found.sort(), Object.keys(HELD).sort());
});

for (const name of found) {
  test(`the journal ${name} is verified, goes on, and is verified again with the lines that it had`, async () => {
    const data = copyOf(name);
    const before = linesOf(data);
    const now = clock.now();
    const old = await verifyWorkspace({ data, now });
    assert.equal(old.problems, []);
    assert.is(old.entries, HELD[name]?.entries);
    for (const type of HELD[name]?.types ?? [])
      assert.ok(
        before.some((line) => line.includes(`"type":"${type}"`)),
        type,
      );

    await go(data, 'first');
    await go(data, 'second');

    const after = await verifyWorkspace({ data, now });
    assert.equal(after.problems, []);
    assert.ok(after.ok);
    assert.equal(linesOf(data).slice(0, before.length), before);
    assert.ok(after.entries >= old.entries + 7, `${after.entries}`);
    // The two calls that were added have none.
    assert.equal(after.payloads, { ...old.payloads, missing: old.payloads.missing + 2 });
  });
}

test.run();
