import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fetch } from '../../src/attest/post.ts';
import { askWitnesses, type WitnessClient } from '../../src/attest/witness-client.ts';
import { parseSubmission } from '../../src/tlog/submission.ts';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { makeSignerKey, parseSigner, type Signer } from '../../src/tlog/note.ts';
import { openLogList } from '../../src/witness/log-list.ts';
import { openWitness, type Witness } from '../../src/witness/witness.ts';
import { realDisk } from '../../src/journal/disk.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { fakeCheckpoints, logKey, type FakeCheckpoints } from '../support/fake-checkpoints.ts';
import { tempDir } from '../support/temp.ts';

function witnessKey(seed = 4, name = 'witness.example'): Signer {
  return parseSigner(makeSignerKey('cosignature', name, Buffer.alloc(32, seed)));
}

interface Bench {
  readonly clock: FakeClock;
  readonly log: FakeCheckpoints;
  readonly told: string[];
  /** What came to the witness, as sizes: from and to. */
  readonly asked: (readonly [number, number])[];
  readonly client: WitnessClient;
  /** Resolves when nothing is under way. */
  still(): Promise<void>;
}

type Answering = (body: string, init: Parameters<Fetch>[1]) => Response | Promise<Response>;

/** A client that asks one witness, which answers as it is told to. */
function bench(answer: Answering, options: { readonly first?: number; readonly key?: Signer } = {}): Bench {
  const clock = new FakeClock();
  const log = fakeCheckpoints(clock);
  if (options.first !== undefined) log.sign(options.first);
  const told: string[] = [];
  const asked: (readonly [number, number])[] = [];
  const { key = witnessKey() } = options;
  const client = askWitnesses({
    witnesses: [{ vkey: key.verifier.vkey, url: 'https://witness.example/w1' }],
    checkpoints: log,
    tree: log.tree,
    clock,
    random: seededRandom(),
    log: (line) => told.push(line),
    fetch: async (url, init) => {
      assert.is(url, 'https://witness.example/w1/add-checkpoint');
      assert.equal([init.method, init.redirect], ['POST', 'manual']);
      const body = Buffer.from(init.body).toString();
      const { old, checkpoint } = parseSubmission(body);
      asked.push([old, openCheckpoint(checkpoint, []).checkpoint.size]);
      return answer(body, init);
    },
  });
  return { clock, log, told, asked, client, still };
}

async function still(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A real witness, in this process. */
async function realWitness(clock: FakeClock, key = witnessKey()): Promise<Witness> {
  const dir = tempDir();
  writeFileSync(join(dir, 'logs'), `${logKey().verifier.vkey}\n`);
  const log = (): void => undefined;
  return openWitness({ dir, signer: key, logs: await openLogList(dir, log), disk: realDisk, clock, log });
}

function answersOf(witness: Witness): Answering {
  return async (body) => {
    const { status, body: said, type } = await witness.addCheckpoint(Buffer.from(body));
    return new Response(said, { status, headers: type === undefined ? {} : { 'Content-Type': type } });
  };
}

/** Looks until it holds: the disk of a real witness takes its time. */
async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(holds(), 'it never came to be');
}

test('the newest checkpoint is cosigned, and the next ones from where the witness is', async () => {
  const witness = await realWitness(new FakeClock());
  const { clock, log, client, asked } = bench(answersOf(witness), { first: 3 });
  await until(() => client.state()[0]?.size === 3);
  assert.equal(client.state(), [
    { name: 'witness.example', host: 'witness.example', size: 3, at: '2026-11-23T10:00:00.000Z' },
  ]);
  assert.is(openCheckpoint(log.signed[0]?.note ?? '', [witnessKey().verifier]).right.length, 1);
  log.sign(7);
  clock.advance(1000);
  await until(() => client.state()[0]?.size === 7);
  assert.equal(asked, [
    [0, 3],
    [3, 7],
  ]);
  await client.close();
});

test('checkpoints that come while one is under way are passed over for the newest, and no two requests overlap', async () => {
  const witness = await realWitness(new FakeClock());
  const gates: (() => void)[] = [];
  let under = 0;
  const { clock, log, client, asked } = bench(
    async (body, init) => {
      under += 1;
      assert.is(under, 1);
      await new Promise<void>((resolve) => void gates.push(resolve));
      under -= 1;
      return answersOf(witness)(body, init);
    },
    { first: 1 },
  );
  await until(() => gates.length === 1);
  for (const size of [2, 3, 4, 5]) log.sign(size);
  gates[0]?.();
  await until(() => client.state()[0]?.size === 1);
  clock.advance(1000);
  await until(() => gates.length === 2);
  gates[1]?.();
  await until(() => client.state()[0]?.size === 5);
  assert.equal(asked, [
    [0, 1],
    [1, 5],
  ]);
  await client.close();
});

test('after a restart the witness says where it is, and a checkpoint that it cosigned is not sent again', async () => {
  const witness = await realWitness(new FakeClock());
  const first = bench(answersOf(witness), { first: 5 });
  await until(() => first.client.state()[0]?.size === 5);
  await first.client.close();

  const clock = new FakeClock();
  const asked: number[] = [];
  const options = {
    witnesses: [{ vkey: witnessKey().verifier.vkey, url: 'https://witness.example' }],
    checkpoints: first.log,
    tree: first.log.tree,
    clock,
    random: seededRandom(),
    log: () => undefined,
    fetch: (async (_, init) => {
      const body = Buffer.from(init.body).toString();
      asked.push(parseSubmission(body).old);
      return answersOf(witness)(body, init);
    }) satisfies Fetch,
  };
  const second = askWitnesses(options);
  await until(() => second.state()[0]?.size === 5);
  assert.equal(asked, []);
  await second.close();

  first.log.sign(9);
  const third = askWitnesses(options);
  await until(() => third.state()[0]?.size === 9);
  assert.equal(asked, [0, 5]);
  await third.close();
});

test('a witness that is ahead by what somebody else showed it is asked about the newest', async () => {
  const witness = await realWitness(new FakeClock());
  let first = true;
  let answered = 0;
  const { clock, log, client } = bench(
    async (body, init) => {
      if (first) {
        first = false;
        const newer = log.sign(8);
        assert.is((await witness.addCheckpoint(Buffer.from(await log.submission(0, newer)))).status, 200);
      }
      const response = await answersOf(witness)(body, init);
      answered += 1;
      return response;
    },
    { first: 3 },
  );
  await until(() => answered === 1);
  await still();
  clock.advance(1000);
  await until(() => client.state()[0]?.size === 8);
  assert.is(client.state()[0]?.trouble, undefined);
  await client.close();
});

const text =
  (body: string, status = 200, headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { status, headers });
const size = (named: string) => text(named, 409, { 'Content-Type': 'text/x.tlog.size' });
const noteOf = (body: string) => openCheckpoint(parseSubmission(body).checkpoint, []).note.text;
const cosigned =
  (key: Signer, seconds = 1_795_428_000): Answering =>
  (body) =>
    new Response(`${key.sign(noteOf(body), seconds)}\n`);

const LIES: readonly { readonly title: string; readonly answer: Answering; readonly trouble: string }[] = [
  {
    title: 'a cosignature by another key',
    answer: cosigned(witnessKey(9, 'other.example')),
    trouble: 'answered without a cosignature by the key that is configured.',
  },
  {
    title: 'a cosignature by another key of the same name',
    answer: cosigned(witnessKey(9)),
    trouble: 'answered without a cosignature by the key that is configured.',
  },
  {
    title: 'a cosignature of another text',
    answer: () => new Response(`${witnessKey().sign('other\n', 1)}\n`),
    trouble: 'answered with a cosignature that is wrong.',
  },
  {
    title: 'a right and a wrong cosignature',
    answer: (body) =>
      new Response(`${witnessKey().sign(noteOf(body), 5)}\n${witnessKey().sign('other\n', 1)}\n`),
    trouble: 'answered with a cosignature that is wrong.',
  },
  {
    title: 'a cosignature without a time',
    answer: cosigned(witnessKey(), 0),
    trouble: 'answered with a cosignature that has no time.',
  },
  {
    title: 'nothing',
    answer: text(''),
    trouble: 'answered without a cosignature by the key that is configured.',
  },
  { title: 'a page', answer: text('<html>\n'), trouble: 'answered with something that is no cosignature.' },
  {
    title: 'a line that is not ended',
    answer: (body) => new Response(witnessKey().sign(noteOf(body), 5)),
    trouble: 'answered without a cosignature by the key that is configured.',
  },
  {
    title: 'a huge body',
    answer: () => new Response(endless()),
    trouble: 'answered with more than 16384 bytes, which were not read.',
  },
  {
    title: 'a redirect',
    answer: text('', 307, { Location: 'https://elsewhere.example/' }),
    trouble: 'answered with a redirect, which is not followed.',
  },
  {
    title: 'that it does not know the log',
    answer: text('no\n', 404),
    trouble: 'does not know this log (404): give it the key that `placet log key` prints.',
  },
  {
    title: 'that the key is wrong',
    answer: text('no\n', 403),
    trouble: 'does not accept the log’s key (403): give it the one that `placet log key` prints.',
  },
  {
    title: 'that the log forked',
    answer: text('no\n', 422),
    trouble:
      'says that the log does not extend what it cosigned before (422): the log was changed, or the witness is wrong. Run `placet log verify`.',
  },
  { title: 'a failure', answer: text('no\n', 503), trouble: 'answered with status 503.' },
  {
    title: 'its size again and again',
    answer: size('0\n'),
    trouble: 'refuses every size that it is given, also its own.',
  },
  {
    title: 'a size that the log does not have',
    answer: size('99\n'),
    trouble:
      'says that it cosigned 99 entries of this log, which has only 6: entries are missing here, or the witness is wrong. Run `placet log verify`.',
  },
  { title: 'a conflict that names no size', answer: size('many\n'), trouble: 'answered with status 409.' },
  {
    title: 'a conflict of another type',
    answer: text('3\n', 409, { 'Content-Type': 'text/html' }),
    trouble: 'answered with status 409.',
  },
  {
    title: 'no answer, as nobody is there',
    answer: () =>
      Promise.reject(
        new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
      ),
    trouble: 'cannot be reached (ECONNREFUSED).',
  },
];

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(8192).fill(0x20)) });
}

for (const { title, answer, trouble } of LIES) {
  test(`a witness that answers ${title} is in trouble, and nothing of it is kept`, async () => {
    const { log, client, told, clock, asked } = bench(answer, { first: 6 });
    await until(() => client.state()[0]?.trouble !== undefined);
    const sentence = `The witness witness.example at witness.example ${trouble}`;
    assert.equal(client.state(), [{ name: 'witness.example', host: 'witness.example', trouble: sentence }]);
    assert.equal(told, [sentence]);
    assert.not.match(log.signed[0]?.note ?? '', 'witness.example');
    // It is asked again, but not at once, and the same trouble is told once.
    const before = asked.length;
    await still();
    assert.is(asked.length, before);
    clock.advance(2000);
    await until(() => asked.length > before);
    await still();
    assert.equal(told, [sentence]);
    await client.close();
  });
}

test('a witness that names ever other sizes is asked four times and not more', async () => {
  let count = 0;
  const { client, asked } = bench(
    () =>
      new Response(`${(count += 1) % 6}\n`, { status: 409, headers: { 'Content-Type': 'text/x.tlog.size' } }),
    { first: 6 },
  );
  await until(() => client.state()[0]?.trouble !== undefined);
  assert.is(asked.length, 4);
  await client.close();
});

test('a witness that hangs is given up after fifteen seconds, before and while it answers', async () => {
  const half = () =>
    new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([0x20])) }));
  for (const answer of [() => new Promise<Response>(() => undefined), half]) {
    const { clock, client, asked } = bench(answer, { first: 6 });
    await until(() => asked.length === 1);
    await still();
    assert.is(client.state()[0]?.trouble, undefined);
    clock.advance(15_000);
    await until(() => client.state()[0]?.trouble !== undefined);
    assert.match(client.state()[0]?.trouble ?? '', 'did not answer in 15 s.');
    await client.close();
  }
});

test('closing does not wait for a witness that hangs', async () => {
  const { client, asked, told } = bench(() => new Promise<Response>(() => undefined), { first: 6 });
  await until(() => asked.length === 1);
  await client.close();
  assert.equal(told, []);
});

test('one that fails is asked ever more rarely, and at once it answers its trouble is over', async () => {
  const real = await realWitness(new FakeClock());
  let down = true;
  const { clock, client, asked, told } = bench(
    (body, init) => (down ? new Response('', { status: 503 }) : answersOf(real)(body, init)),
    { first: 6 },
  );
  for (let seconds = 0; seconds < 1800; seconds += 1) {
    clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(asked.length >= 8 && asked.length <= 16, `${asked.length}`);
  down = false;
  clock.advance(600_000);
  await until(() => client.state()[0]?.size === 6);
  assert.is(client.state()[0]?.trouble, undefined);
  assert.is(told.at(-1), 'The witness witness.example cosigns again.');
  await client.close();
});

test('a cosignature that cannot be kept is trouble, and asked for again', async () => {
  const real = await realWitness(new FakeClock());
  const { clock, log, client } = bench(answersOf(real));
  log.world.broken = new Error('the disk is full');
  log.sign(4);
  await until(() => client.state()[0]?.trouble !== undefined);
  assert.match(client.state()[0]?.trouble ?? '', 'cosigned what cannot be kept: the disk is full.');
  delete log.world.broken;
  clock.advance(2000);
  await until(() => client.state()[0]?.size === 4);
  await client.close();
});

test('witnesses do not wait for each other', async () => {
  const clock = new FakeClock();
  const log = fakeCheckpoints(clock);
  log.sign(4);
  const real = await realWitness(clock, witnessKey(5, 'quick.example'));
  const client = askWitnesses({
    witnesses: [
      { vkey: witnessKey(6, 'slow.example').verifier.vkey, url: 'https://slow.example' },
      { vkey: witnessKey(5, 'quick.example').verifier.vkey, url: 'https://quick.example' },
    ],
    checkpoints: log,
    tree: log.tree,
    clock,
    random: seededRandom(),
    log: () => undefined,
    fetch: async (url, init) =>
      url.startsWith('https://slow')
        ? new Promise<Response>(() => undefined)
        : answersOf(real)(Buffer.from(init.body).toString(), init),
  });
  await until(() => client.state()[1]?.size === 4);
  assert.equal(client.state()[0], { name: 'slow.example', host: 'slow.example' });
  await client.close();
});

test.run();
