import { request as httpRequest } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { parseSignature, type Verifier } from '../../src/tlog/note.ts';
import { formatSubmission } from '../../src/tlog/submission.ts';
import { originHash } from '../../src/witness/records.ts';
import { runWitness, type RunningWitness } from '../../src/witness/run.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { fakeCheckpoints, LOG, logKey } from '../support/fake-checkpoints.ts';
import { tempDir } from '../support/temp.ts';

const NOW = 1795428000;
const UNKNOWN = 'elsewhere.example/log';

interface Got {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A witness of its own for each case, over a real socket. */
async function withWitness(
  run: (witness: RunningWitness & { readonly dir: string; readonly told: string[] }) => Promise<void>,
  logs: readonly string[] = [logKey().verifier.vkey],
): Promise<void> {
  const dir = tempDir();
  const told: string[] = [];
  const witness = await runWitness({
    dir,
    host: '127.0.0.1',
    port: 0,
    name: 'witness.example/w1',
    logs,
    clock: new FakeClock('2026-11-23T10:00:00.000Z'),
    random: seededRandom(),
    log: (line) => told.push(line),
  });
  try {
    await run({ ...witness, dir, told });
  } finally {
    await witness.close();
  }
}

function ask(
  url: string,
  body?: string | Uint8Array,
  method = body === undefined ? 'GET' : 'POST',
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const add = (witness: RunningWitness, body: string | Uint8Array) =>
  ask(`${witness.url}/add-checkpoint`, body);

/** Whether the body is one line by the witness's key over that note. */
function isCosignature(body: string, note: string, key: Verifier): boolean {
  const whole = `${note}${body}`;
  return (
    openCheckpoint(whole, [key]).right.length === 1 && body.endsWith('\n') && body.split('\n').length === 2
  );
}

const log = fakeCheckpoints(new FakeClock());
const [empty, three, five, nine] = [log.sign(0), log.sign(3), log.sign(5), log.sign(9)];
const fork = fakeCheckpoints(new FakeClock(), {
  words: (index) => (index === 1 ? 'forged' : `entry ${index}`),
});
const [forkedThree, forkedNine] = [fork.sign(3), fork.sign(9)];
const stranger = fakeCheckpoints(new FakeClock(), { signers: [logKey(2)] }).sign(3);
const unknown = fakeCheckpoints(new FakeClock(), { signers: [logKey(3, UNKNOWN)], origin: UNKNOWN }).sign(3);
const strange = fakeCheckpoints(new FakeClock(), { signers: [logKey(1)], words: () => 'x' });
const fromZero = await log.submission(0, three);

test('a first checkpoint is cosigned, with the time of the witness', async () => {
  await withWitness(async (witness) => {
    const got = await add(witness, fromZero);
    assert.is(got.status, 200);
    assert.ok(isCosignature(got.body, three.note, witness.verifier));
    const { name, bytes } = parseSignature(got.body.trimEnd());
    assert.is(name, 'witness.example/w1');
    assert.is(Number(bytes.readBigUInt64BE()), NOW);
  });
});

test('larger ones follow with a proof, and the same one is cosigned again', async () => {
  await withWitness(async (witness) => {
    assert.is((await add(witness, fromZero)).status, 200);
    for (const [old, checkpoint] of [
      [3, five],
      [5, five],
      [5, nine],
    ] as const) {
      const got = await add(witness, await log.submission(old, checkpoint));
      assert.is(got.status, 200, got.body);
      assert.ok(isCosignature(got.body, checkpoint.note, witness.verifier));
    }
  });
});

test('the empty log is cosigned, and what follows it, too', async () => {
  await withWitness(async (witness) => {
    assert.is((await add(witness, await log.submission(0, empty))).status, 200);
    assert.is((await add(witness, fromZero)).status, 200);
  });
});

interface Refusal {
  readonly title: string;
  /** What was cosigned before. */
  readonly after?: typeof three;
  readonly body: string | Uint8Array | Promise<string>;
  readonly status: number;
  readonly answer?: string;
  readonly told?: RegExp;
}

const emptyWithRoot = strange.sign(1).note.replace('\n1\n', '\n0\n');
const resigned = (text: string): string => `${text}\n${logKey().sign(text, 0)}\n`;

const REFUSALS: readonly Refusal[] = [
  { title: 'no body', body: '', status: 400 },
  { title: 'a body without an empty line', body: `old 0\n${three.note.split('\n\n')[0]}`, status: 400 },
  { title: 'an old size with a leading zero', body: fromZero.replace('old 0', 'old 00'), status: 400 },
  { title: 'a negative old size', body: fromZero.replace('old 0', 'old -1'), status: 400 },
  { title: 'a first line that is not the old size', body: fromZero.replace('old 0', 'new 0'), status: 400 },
  { title: 'an old size above the checkpoint’s', body: fromZero.replace('old 0', 'old 4'), status: 400 },
  { title: 'a proof line that is no hash', body: fromZero.replace('old 0\n', 'old 0\nAAAA\n'), status: 400 },
  {
    title: 'more than 63 proof lines',
    body: fromZero.replace('old 0\n', `old 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`),
    status: 400,
  },
  {
    title: 'a checkpoint without signatures',
    body: `old 0\n\n${three.note.split('\n\n')[0]}\n\n`,
    status: 400,
  },
  { title: 'a checkpoint without a root', body: `old 0\n\n${resigned(`${LOG}\n3\n`)}`, status: 400 },
  { title: 'a checkpoint that is cut', body: fromZero.slice(0, -1), status: 400 },
  { title: 'bytes that are not UTF-8', body: Buffer.from([0x6f, 0xff, 0xfe]), status: 400 },
  {
    title: 'a log that it does not know',
    body: formatSubmission({ old: 0, proof: [], checkpoint: unknown.note }),
    status: 404,
  },
  {
    title: 'a signature by no key of the log',
    body: formatSubmission({ old: 0, proof: [], checkpoint: stranger.note }),
    status: 403,
  },
  { title: 'a signature of something else', body: fromZero.replace('\n3\n', '\n4\n'), status: 403 },
  {
    title: 'a right and a wrong signature of the same key',
    body: `${fromZero}${logKey().sign('other\n', 0)}\n`,
    status: 403,
  },
  {
    title: 'an old size that it does not have, from a new log',
    body: log.submission(3, five),
    status: 409,
    answer: '0\n',
  },
  {
    title: 'an old size of 0 when it has more',
    after: three,
    body: log.submission(0, five),
    status: 409,
    answer: '3\n',
  },
  { title: 'an old size between', after: three, body: log.submission(5, nine), status: 409, answer: '3\n' },
  {
    title: 'a smaller checkpoint',
    after: five,
    body: fromZero,
    status: 409,
    answer: '5\n',
    told: /^REFUSED: the log localhost\/placet-0123456789ab had 5 entries under the root \S+, and now comes with 3 under \S+: it was rolled back, or an old checkpoint was sent again\.$/,
  },
  {
    title: 'an empty log with another root',
    body: `old 0\n\n${resigned(emptyWithRoot.split('\n\n')[0] + '\n')}`,
    status: 422,
  },
  {
    title: 'a proof from nothing',
    body: fromZero.replace('old 0\n', `old 0\n${Buffer.alloc(32).toString('base64')}\n`),
    status: 422,
  },
  {
    title: 'the same size under another root',
    after: three,
    body: fork.submission(3, forkedThree),
    status: 422,
    told: /contradicts itself: it signed 3 entries under the root \S+, and now 3 under \S+\.$/,
  },
  {
    title: 'the same size under another root, from an old size of 0',
    after: three,
    body: fork.submission(0, forkedThree),
    status: 409,
    answer: '3\n',
    told: /contradicts itself/,
  },
  {
    title: 'a log that forked before',
    after: three,
    body: fork.submission(3, forkedNine),
    status: 422,
    told: /nothing proves that the log \S+ still holds 3 entries under the root \S+: it signed 9 under \S+\.$/,
  },
  {
    title: 'a proof that is missing',
    after: three,
    body: formatSubmission({ old: 3, proof: [], checkpoint: five.note }),
    status: 422,
  },
  {
    title: 'a proof of the same size',
    after: three,
    body: formatSubmission({ old: 3, proof: [Buffer.alloc(32)], checkpoint: three.note }),
    status: 422,
  },
];

for (const { title, after, body, status, answer, told } of REFUSALS) {
  test(`${title} is answered with ${status}, and nothing is cosigned`, async () => {
    await withWitness(async (witness) => {
      if (after) assert.is((await add(witness, await log.submission(0, after))).status, 200);
      const record = await ask(`${witness.url}/${originHash(LOG)}/checkpoint`);
      const got = await add(witness, await body);
      assert.is(got.status, status, got.body);
      assert.not.match(got.body, '— ');
      assert.is(got.type, status === 409 ? 'text/x.tlog.size' : 'text/plain; charset=utf-8');
      if (answer !== undefined) assert.is(got.body, answer);
      if (told) assert.match(witness.told.join('\n'), told);
      else assert.ok(!witness.told.some((line) => line.includes('contradicts')));
      const now = await ask(`${witness.url}/${originHash(LOG)}/checkpoint`);
      assert.equal([now.status, now.body], [record.status, record.body]);
      assert.is(record.status, after ? 200 : 404);
    });
  });
}

test('signatures of others on the checkpoint are passed over', async () => {
  await withWitness(async (witness) => {
    const body = `${fromZero}${logKey(7, 'somebody.example').sign('something else\n', 0)}\n`;
    const got = await add(witness, body);
    assert.is(got.status, 200, got.body);
    const record = await ask(`${witness.url}/${originHash(LOG)}/checkpoint`);
    assert.not.match(record.body, 'somebody.example');
  });
});

test('while a log changes its key, the old, the new and both are accepted', async () => {
  const [old, next] = [logKey(1), logKey(2)];
  for (const signers of [[old], [next], [old, next]]) {
    const rotating = fakeCheckpoints(new FakeClock(), { signers });
    await withWitness(
      async (witness) => {
        assert.equal(witness.origins, [LOG]);
        const checkpoint = rotating.sign(4);
        assert.is((await add(witness, await rotating.submission(0, checkpoint))).status, 200);
        const record = await ask(`${witness.url}/${originHash(LOG)}/checkpoint`);
        const keys = [...signers.map(({ verifier }) => verifier), witness.verifier];
        assert.is(openCheckpoint(record.body, keys).right.length, keys.length);
      },
      [old.verifier.vkey, next.verifier.vkey],
    );
  }
});

test('the newest cosigned checkpoint is served with the signatures of the log and the witness', async () => {
  await withWitness(async (witness) => {
    await add(witness, fromZero);
    const { body: line } = await add(witness, await log.submission(3, nine));
    const hash = '6fb6a7b7c1dd3c1e3cd5b27c1f0e7e1b9e6a8cda0d4c1a5fd6c3c9b7f6a1b2c3';
    assert.is((await ask(`${witness.url}/${hash}/checkpoint`)).status, 404);
    const got = await ask(`${witness.url}/${originHash(LOG)}/checkpoint`);
    assert.is(got.status, 200);
    assert.is(got.type, 'text/plain; charset=utf-8');
    assert.is(got.body, `${nine.note}${line}`);
    const head = await ask(`${witness.url}/${originHash(LOG)}/checkpoint`, undefined, 'HEAD');
    assert.equal([head.status, head.body], [200, '']);
    assert.is(head.headers['content-length'], String(Buffer.byteLength(got.body)));
  });
});

test('nothing else is served', async () => {
  await withWitness(async ({ url }) => {
    for (const path of [
      '/',
      '/key',
      '/logs',
      '/checkpoint',
      '/sign-subtree',
      '/../key',
      `/${originHash(LOG)}/refused`,
    ])
      assert.is((await ask(`${url}${path}`)).status, 404, path);
    assert.is((await ask(`${url}/add-checkpoint?x=1`, fromZero)).status, 404);
    const got = await ask(`${url}/add-checkpoint`);
    assert.equal([got.status, got.headers.allow], [405, 'POST']);
    assert.is((await ask(`${url}/${originHash(LOG)}/checkpoint`, fromZero)).status, 405);
  });
});

test('a body that is too long is not read, and the witness goes on', async () => {
  await withWitness(async (witness) => {
    assert.is((await add(witness, Buffer.alloc(200_000, 'a'))).status, 413);
    assert.is((await add(witness, fromZero)).status, 200);
  });
});

test.run();
