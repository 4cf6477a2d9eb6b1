// needs: openssl
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../src/core/clock.ts';
import { newestStamp } from '../../src/attest/stored-stamps.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { systemClock } from '../../src/host/system.ts';
import { openTransparency } from '../../src/host/transparency.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { readLastSigned } from '../../src/journal/last-signed.ts';
import { makeSignerKey, parseSigner } from '../../src/tlog/note.ts';
import { parseSubmission } from '../../src/tlog/submission.ts';
import type { WitnessSettings } from '../../src/settings.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { allowed } from '../support/journal-drafts.ts';
import { codeOf, until } from '../support/journal-suite.ts';
import { serveAuthority, timeAuthority } from '../support/time-authority.ts';
import { tempDir } from '../support/temp.ts';

const WITNESS = parseSigner(makeSignerKey('cosignature', 'witness.example', Buffer.alloc(32, 3)));

async function opened({
  data = tempDir(),
  witnesses = [],
  tsa = {},
  clock = systemClock,
}: {
  readonly data?: string;
  readonly witnesses?: readonly WitnessSettings[];
  readonly tsa?: { readonly tsaUrl?: string; readonly tsaCa?: string };
  readonly clock?: Clock;
} = {}) {
  const logs: string[] = [];
  const log = (line: string) => void logs.push(line);
  const ledger = new Ledger();
  const { fold, changes } = observedLedger(ledger, log);
  const common = { clock, random: seededRandom(5) };
  const dir = join(data, 'journal');
  const last = await readLastSigned({ dir, keysDir: join(data, 'keys') });
  const journal = await openJsonlJournal({
    ...common,
    dir,
    node: 'host',
    fold,
    snapshotKey: Buffer.alloc(32, 7),
    software: '0.3.0',
    onTrouble: log,
    extends: last,
  });
  try {
    const transparency = await openTransparency({
      ...common,
      settings: { data, witnesses, ...tsa },
      publicUrl: 'https://placet.example.com:8443',
      journal,
      ledger,
      changes,
      log,
    });
    return { data, dir, journal, transparency, logs };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

test('a log is named by the host of the public address, without the port', async () => {
  const { journal, transparency } = await opened();
  assert.match(transparency.checkpoints.verifier().name, /^placet\.example\.com\/placet-[0-9a-f]{12}$/);
  assert.equal(transparency.problems(), []);
  await transparency.close();
  await journal.close();
});

test('at the end all that the journal took is signed, and the next start must extend it', async () => {
  const { data, dir, journal, transparency } = await opened();
  await journal.append(allowed('c1'));
  await transparency.close();
  await journal.close();
  assert.is((await readLastSigned({ dir, keysDir: join(data, 'keys') }))?.size, 4);
  const again = await opened({ data });
  assert.is(again.transparency.checkpoints.newest()?.size, 5);
  await again.transparency.close();
  await again.journal.close();
});

test('a journal that was replaced under its checkpoints is refused', async () => {
  const { data, journal, transparency } = await opened();
  await journal.append(allowed('c1'));
  await transparency.close();
  await journal.close();
  const other = await opened();
  await other.transparency.close();
  await other.journal.close();
  const replaced = tempDir();
  for (const folder of ['journal', 'keys']) mkdirSync(join(replaced, folder));
  for (const [from, name] of [
    [other.data, 'journal/00000000.jsonl'],
    [data, 'journal/checkpoints.log'],
    [data, 'keys/log.key'],
  ] as const)
    writeFileSync(join(replaced, name), readFileSync(join(from, name)), { mode: 0o600 });
  assert.is(await codeOf(opened({ data: replaced })), 'journal_damaged');
});

test('each checkpoint is cosigned by the configured witness', async () => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { checkpoint } = parseSubmission(Buffer.concat(parts).toString());
      response.end(`${WITNESS.sign(`${checkpoint.split('\n\n')[0]}\n`, 1_800_000_000)}\n`);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { dir, journal, transparency } = await opened({
    witnesses: [{ vkey: WITNESS.verifier.vkey, url }],
  });
  const hasCosignature = () => readFileSync(join(dir, 'checkpoint'), 'utf8').includes('— witness.example ');
  // The file stands a moment before the host takes note of it.
  await until(() => hasCosignature() && transparency.witnesses()[0]?.size !== undefined);
  assert.is(transparency.witnesses()[0]?.size, 2);
  assert.equal(transparency.problems(), []);
  await transparency.close();
  await journal.close();
  server.close();
  server.closeAllConnections();
});

test('a witness that cannot be reached is a problem that says so, and hinders nothing', async () => {
  const { journal, transparency } = await opened({
    witnesses: [{ vkey: WITNESS.verifier.vkey, url: 'http://127.0.0.1:9' }],
  });
  await until(() => transparency.problems().length > 0);
  assert.match(transparency.problems()[0] ?? '', /^The witness witness\.example at 127\.0\.0\.1:9 /);
  await journal.append(allowed('c1'));
  assert.is((await transparency.checkpoints.cover()).size, 4);
  await transparency.close();
  await journal.close();
});

test('a witness whose key is none stops the start, and lets go of what was opened', async () => {
  const data = tempDir();
  const witnesses = [{ vkey: 'a+b+c', url: 'http://127.0.0.1:9' }];
  assert.is(await codeOf(opened({ data, witnesses })), 'bad_key');
  const again = await opened({ data });
  await again.transparency.close();
  await again.journal.close();
});

test('an authority is asked to stamp the newest checkpoint, and the stamp is kept beside it', async () => {
  const authority = timeAuthority();
  const served = await serveAuthority(authority);
  const data = tempDir();
  const tsaCa = join(data, 'ca.pem');
  writeFileSync(tsaCa, authority.ca);
  // Stamps are looked at under the certificates' own times, so the clock begins now.
  const clock = new FakeClock(new Date().toISOString());
  const { dir, journal, transparency } = await opened({ data, clock, tsa: { tsaUrl: served.url, tsaCa } });
  assert.is(transparency.lastStamp(), undefined);
  await until(() => {
    clock.advance(1000);
    return transparency.lastStamp() !== undefined;
  });
  assert.equal([transparency.lastStamp()?.size, transparency.lastStamp()?.trusted], [2, true]);
  assert.equal(transparency.problems(), []);
  assert.is(readFileSync(join(dir, 'stamps/2.checkpoint'), 'utf8'), transparency.checkpoints.newest()?.note);
  assert.is((await newestStamp(join(dir, 'stamps')))?.size, 2);
  await transparency.close();
  await journal.close();
  served.close();
});

test('certificates that are not there stop the start before anything is signed', async () => {
  const data = tempDir();
  const tsa = { tsaUrl: 'http://127.0.0.1:9', tsaCa: join(data, 'none.pem') };
  assert.is(await codeOf(opened({ data, tsa })), 'bad_setting');
  assert.not.ok(existsSync(join(data, 'keys', 'log.key')));
});

test.run();
