/** A folder that is moved away under a running writer, deleted, or made read-only. */
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  nothingGiven,
  startFaultWriter,
  wrongAfterCrash,
  wrongIn,
  type FaultWriter,
  type Given,
} from '../support/fault-writer.ts';
import { tempDir } from '../support/temp.ts';

/** Root is refused nothing, so it writes as nobody. */
const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;

interface Running {
  readonly data: string;
  readonly journal: string;
  readonly given: Given;
  readonly writer: FaultWriter;
}

async function running(): Promise<Running> {
  const folder = tempDir();
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (NOBODY !== undefined) for (const each of [folder, data]) chownSync(each, NOBODY, NOBODY);
  const given = nothingGiven();
  const writer = await startFaultWriter({ data, given, ...(NOBODY === undefined ? {} : { uid: NOBODY }) });
  assert.ok('acknowledged' in (await writer.ask('append')));
  return { data, journal: join(data, 'journal'), given, writer };
}

async function refuses({ writer }: Running): Promise<string> {
  const answer = await writer.ask('append');
  assert.is('refused' in answer && answer.refused, 'journal_unwritable', JSON.stringify(answer));
  const { troubles } = (await writer.ask('trouble')) as { troubles: readonly (string | null)[] };
  assert.type(troubles[0], 'string');
  return 'message' in answer ? answer.message : '';
}

async function goesOn({ data, given, writer }: Running): Promise<void> {
  const answer = await writer.ask('append');
  assert.ok('acknowledged' in answer, JSON.stringify(answer));
  const covered = await writer.ask('cover');
  assert.ok('covered' in covered, JSON.stringify(covered));
  assert.equal(await writer.ask('trouble'), { troubles: [null, null] });
  assert.equal(await wrongAfterCrash(data, given, writer.pid), []);
}

async function ends({ data, given, writer }: Running): Promise<void> {
  assert.equal(await writer.ask('close'), { ended: true });
  await writer.ended;
  assert.equal(await wrongAfterCrash(data, given), []);
  assert.equal(await wrongIn(data), []);
}

test('while its folder is away nothing is acknowledged; when it is back, it goes on by itself', async () => {
  const it = await running();
  renameSync(it.journal, `${it.journal}.away`);
  assert.match(await refuses(it), /was moved or deleted|no such file/i);
  for (let n = 0; n < 5; n += 1) await refuses(it);
  assert.not(existsSync(it.journal), 'nothing is begun in its place');
  renameSync(`${it.journal}.away`, it.journal);
  await goesOn(it);
  await ends(it);
});

test('a folder that was deleted is never begun anew in silence, and goes on when it is restored', async () => {
  const it = await running();
  const backup = join(tempDir(), 'journal');
  cpSync(it.journal, backup, { recursive: true, preserveTimestamps: true });
  rmSync(it.journal, { recursive: true });
  for (let n = 0; n < 3; n += 1) await refuses(it);
  mkdirSync(it.journal, { mode: 0o700 });
  if (NOBODY !== undefined) chownSync(it.journal, NOBODY, NOBODY);
  for (let n = 0; n < 3; n += 1) await refuses(it);
  await it.writer.kill();
  rmSync(it.journal, { recursive: true });
  cpSync(backup, it.journal, { recursive: true });
  assert.equal(await wrongIn(it.data), []);
});

test('in a folder that became read-only nothing is signed, and it goes on when it is writable again', async () => {
  const it = await running();
  chmodSync(it.journal, 0o500);
  const covered = await it.writer.ask('cover');
  assert.match('refused' in covered ? covered.refused : '', /^(checkpoint|tiles)_unwritable$/);
  assert.match('refused' in covered ? covered.message : '', /permission|not allowed|EACCES/i);
  chmodSync(it.journal, 0o700);
  await goesOn(it);
  await ends(it);
});

test('a folder that is read-only from the start is refused with a sentence that says so', async () => {
  const it = await running();
  await ends(it);
  chmodSync(it.journal, 0o500);
  try {
    await startFaultWriter({
      data: it.data,
      given: it.given,
      ...(NOBODY === undefined ? {} : { uid: NOBODY }),
    });
    assert.unreachable('it started');
  } catch (error) {
    assert.match(String(error), /(journal|checkpoint|tiles)_unwritable: .*(permission|not allowed|EACCES)/i);
  }
  chmodSync(it.journal, 0o700);
  assert.equal(await wrongAfterCrash(it.data, it.given), []);
});

test.run();
