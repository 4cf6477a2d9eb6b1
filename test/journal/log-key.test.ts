import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeNextKey, newOrigin, readLogKeys, takeNextKey } from '../../src/journal/log-key.ts';
import { makeSignerKey } from '../../src/tlog/note.ts';
import { checkpointBench } from '../support/checkpoint-bench.ts';
import { seededRandom } from '../support/clock.ts';
import { codeOf, rejection } from '../support/journal-suite.ts';
import { tempDir } from '../support/temp.ts';

function keyText(fill: number, kind: 'signature' | 'cosignature' = 'signature'): string {
  return `${makeSignerKey(kind, 'localhost/placet-000000000000', Buffer.alloc(32, fill))}\n`;
}

function withKey(text: string, name = 'log.key', mode = 0o600): string {
  const dir = tempDir();
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), mode);
  return dir;
}

test('an origin names the host and twelve hexadecimal digits', () => {
  assert.is(
    newOrigin('placet.example.com', () => Buffer.from('0123456789ab', 'hex')),
    'placet.example.com/placet-0123456789ab',
  );
});

test('the key is kept as the signer key of a note, for its owner alone', async () => {
  const dir = join(tempDir(), 'keys');
  const seed = () => new Uint8Array(32).fill(5);
  const key = await makeNextKey({ dir, origin: 'localhost/placet-000000000000', random: seed });
  await takeNextKey({ dir }, key);
  assert.equal(readdirSync(dir), ['log.key']);
  assert.is(statSync(join(dir, 'log.key')).mode & 0o777, 0o600);
  assert.is(readFileSync(join(dir, 'log.key'), 'utf8'), keyText(5));
});

test('two who make a key at the same instant find the same one', async () => {
  const dir = tempDir();
  const keys = await Promise.all(
    [1, 2, 3, 4].map((seed) => makeNextKey({ dir, origin: 'o', random: seededRandom(seed) })),
  );
  assert.is(new Set(keys.map(({ verifier }) => verifier.vkey)).size, 1);
  assert.equal(readdirSync(dir), ['log.key.next']);
});

for (const name of ['log.key', 'log.key.next']) {
  test(`a ${name} that others can read is refused`, async () => {
    for (const mode of [0o640, 0o604]) {
      const error = await rejection(readLogKeys(withKey(keyText(1), name, mode)));
      assert.match(
        error.message,
        /^The log's key .*\/log\.key\S* can be read by other users: `chmod 600` it/,
      );
    }
  });
}

test('a damaged key is refused, and nothing of it is told', async () => {
  const whole = keyText(1);
  const [, secret = ''] = /\+([^+]+)\n$/.exec(whole) ?? [];
  for (const text of ['', 'nonsense', whole.replace('localhost', 'localhosu'), whole.slice(0, -10)]) {
    const error = await rejection(readLogKeys(withKey(text)));
    assert.match(error.message, 'is damaged.');
    assert.not.ok(error.message.includes(secret.slice(0, 12)));
  }
});

test('the key of a witness is refused', async () => {
  assert.match(
    (await rejection(readLogKeys(withKey(keyText(1, 'cosignature'))))).message,
    'is the key of a witness',
  );
});

test('a start refuses when the key that the journal names is gone, and signs nothing', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.close();
  const before = readFileSync(join(bench.dir, 'checkpoints.log'), 'utf8');
  await bench.disk.remove(join(bench.keysDir, 'log.key'));
  const error = await rejection(bench.open());
  assert.is(
    error.message,
    `The log's key ${join(bench.keysDir, 'log.key')} is gone. Restore the key from a backup: under no other one can this journal be signed. Without one, move the journal's folder away to begin a new journal.`,
  );
  assert.is(readFileSync(join(bench.dir, 'checkpoints.log'), 'utf8'), before);
});

test('a start refuses a key that the journal does not name, with and without checkpoints', async () => {
  const bench = checkpointBench();
  await bench.open();
  await bench.close();
  writeFileSync(join(bench.keysDir, 'log.key'), keyText(9));
  assert.is(await codeOf(bench.open()), 'log_key_lost');
  for (const name of ['checkpoint', 'checkpoints.log']) await bench.disk.remove(join(bench.dir, name));
  assert.is(await codeOf(bench.open()), 'log_key_lost');
  assert.equal(
    readdirSync(bench.dir).filter((name) => name.startsWith('checkpoint')),
    [],
  );
});

test('a new journal under the key of another gets a name and a key of its own, and the other is set aside', async () => {
  const bench = checkpointBench();
  await bench.open();
  const first = bench.checkpoints.verifier();
  await bench.close();
  const other = checkpointBench();
  mkdirSync(other.keysDir);
  copyFileSync(join(bench.keysDir, 'log.key'), join(other.keysDir, 'log.key'));
  await other.open();
  assert.is.not(other.checkpoints.verifier().name, first.name);
  assert.equal(readdirSync(other.keysDir).sort(), ['log.key', `log.key.of-${first.id}`]);
  assert.match(other.logs.join('\n'), 'The key of another log is set aside as log.key.of-');
  await other.close();
});

test.run();
