// needs: go openssl
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  commandsIn,
  exceptionsIn,
  filesOf,
  keyOf,
  makeBundle,
  plantedIn,
  runCommands,
} from '../support/evidence-bundle.ts';
import { seeded } from '../support/evidence-workload/seeded.ts';
import { runSolo } from '../support/evidence-workload/solo.ts';
import { tempDir } from '../support/temp.ts';

/** A small bundle, and what becomes of it when somebody changes it: VERIFY.md's own commands find it, each time. */

/** Of some other log. */
const OTHER_KEY = 'localhost/placet-000000000000+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

const random = seeded(7);
const solo = await runSolo();
test.after(() => solo.close());

const bundle = await makeBundle(solo, join(tempDir(), 'bundle'), '--sample', '2');
const commands = commandsIn(bundle);
const key = await keyOf(solo);
const isWhole = (noted = key): boolean => runCommands(bundle, commands, noted).ok;

test('what the only person approved for their own agent is told of, each time', () => {
  assert.equal(exceptionsIn(bundle), plantedIn(solo.tally));
  assert.equal(
    exceptionsIn(bundle).map((each) => each.split(' ')[0]),
    ['solo_approval', 'solo_approval'],
  );
});

test('VERIFY.md has commands, and run as they stand they find the bundle whole', () => {
  assert.ok(commands.length >= 5);
  const { ok, said } = runCommands(bundle, commands, key);
  assert.ok(ok, said);
});

test('one byte that was changed is found by them, in whichever file it is', () => {
  const unnoticed: string[] = [];
  for (const path of filesOf(bundle)) {
    const file = join(bundle, path);
    const bytes = readFileSync(file);
    const changed = Buffer.from(bytes);
    const at = random.below(bytes.length);
    changed[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    writeFileSync(file, changed);
    if (isWhole()) unnoticed.push(`${path} at ${at}`);
    writeFileSync(file, bytes);
  }
  assert.equal(unnoticed, []);
});

test('a file that was added or is gone is found by them, and so is a key that is not the log’s', () => {
  const more = join(bundle, 'sample/more.html');
  writeFileSync(more, 'more');
  assert.is(isWhole(), false);
  rmSync(more);
  const gone = join(bundle, 'exceptions.csv');
  const bytes = readFileSync(gone);
  rmSync(gone);
  assert.is(isWhole(), false);
  writeFileSync(gone, bytes);
  assert.is(isWhole(OTHER_KEY), false);
  assert.is(isWhole(), true);
});

test.run();
