// needs: openssl
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newestStamp } from '../../src/attest/stored-stamps.ts';
import { checkTimeStamp } from '../../src/attest/time-stamp.ts';
import { startTimeStamper, type TimeStamper } from '../../src/attest/time-stamper.ts';
import { realDisk, makeFolder, replaceFile } from '../../src/journal/disk.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { fakeCheckpoints, type FakeCheckpoints } from '../support/fake-checkpoints.ts';
import { tempDir } from '../support/temp.ts';
import { serveAuthority, timeAuthority, type ServedAuthority } from '../support/time-authority.ts';

const authority = timeAuthority();
const stranger = timeAuthority();
const HOUR = 3_600_000;

/** Tells how many timers wait. */
class WatchedClock extends FakeClock {
  waiting = 0;

  override after(ms: number, task: () => void): () => void {
    this.waiting += 1;
    let waits = true;
    const over = (): void => {
      if (waits) this.waiting -= 1;
      waits = false;
    };
    const cancel = super.after(ms, () => {
      over();
      task();
    });
    return () => {
      over();
      cancel();
    };
  }
}

interface Bench {
  readonly dir: string;
  readonly clock: WatchedClock;
  readonly log: FakeCheckpoints;
  readonly told: string[];
  readonly served: ServedAuthority;
  readonly stamper: TimeStamper;
}

interface BenchOptions {
  readonly dir?: string;
  readonly ca?: string;
  readonly save?: (name: string, bytes: Uint8Array) => Promise<void>;
  readonly first?: number;
}

/** A stamper whose clock stands, against a real authority over HTTP. */
async function withStamper(options: BenchOptions, run: (bench: Bench) => Promise<void>): Promise<void> {
  const served = await serveAuthority(authority);
  const dir = options.dir ?? join(tempDir(), 'stamps');
  const clock = new WatchedClock(new Date().toISOString());
  const log = fakeCheckpoints(clock);
  if (options.first !== undefined) log.sign(options.first);
  const told: string[] = [];
  const stamper = startTimeStamper({
    url: served.url,
    ca: options.ca ?? authority.ca,
    dir,
    async save(name, bytes) {
      await makeFolder(realDisk, dir);
      await (options.save ?? ((file, what) => replaceFile(realDisk, dir, file, what)))(name, bytes);
    },
    checkpoints: log,
    clock,
    random: seededRandom(),
    log: (line) => told.push(line),
  });
  try {
    await run({ dir, clock, log, told, served, stamper });
  } finally {
    await stamper.close();
    served.close();
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass as soon as somebody waits for it. */
async function advance(clock: WatchedClock, ms: number): Promise<void> {
  await until(() => clock.waiting === 1);
  clock.advance(ms);
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(holds(), 'it never came to be');
}

test('soon after the first checkpoint the newest is stamped, and kept beside the stamp', async () => {
  await withStamper({}, async ({ dir, clock, log, stamper, served }) => {
    log.sign(2);
    const newest = log.sign(5);
    assert.is(stamper.last(), undefined);
    await advance(clock, 10_000);
    await until(() => stamper.last() !== undefined);
    assert.equal(readdirSync(dir).sort(), ['5.checkpoint', '5.tsr']);
    assert.is(readFileSync(join(dir, '5.checkpoint'), 'utf8'), newest.note);
    const response = readFileSync(join(dir, '5.tsr'));
    assert.match(authority.verify(response, Buffer.from(newest.note)), 'Verification: OK');
    const checked = await checkTimeStamp({ response, message: Buffer.from(newest.note), ca: authority.ca });
    const { time: at, ...rest } = checked;
    assert.equal(stamper.last(), { size: 5, at, ...rest });
    assert.equal([rest.authority, rest.trusted], ['Test Time', true]);
    assert.is(served.requests[0]?.type, 'application/timestamp-query');
  });
});

test('while the log grows it is stamped once an hour, and not while it stands', async () => {
  await withStamper({ first: 1 }, async ({ dir, clock, log, stamper, served }) => {
    await advance(clock, 10_000);
    await until(() => stamper.last()?.size === 1);
    for (const size of [2, 3, 4]) log.sign(size);
    await advance(clock, HOUR - 1000);
    await turns(200);
    assert.is(served.requests.length, 1);
    await advance(clock, 1000);
    await until(() => stamper.last()?.size === 4);
    clock.advance(10 * HOUR);
    await turns(200);
    assert.is(served.requests.length, 2);
    log.sign(5);
    await until(() => stamper.last()?.size === 5);
    assert.equal(
      readdirSync(dir)
        .filter((name) => name.endsWith('.tsr'))
        .sort(),
      ['1.tsr', '4.tsr', '5.tsr'],
    );
  });
});

test('a restart knows the last stamp, and waits for the rest of the hour', async () => {
  const dir = join(tempDir(), 'stamps');
  await withStamper({ dir, first: 3 }, async ({ clock, stamper }) => {
    await advance(clock, 10_000);
    await until(() => stamper.last()?.size === 3);
  });
  await withStamper({ dir, first: 3 }, async ({ clock, log, stamper, served }) => {
    await until(() => stamper.last()?.size === 3);
    log.sign(7);
    await advance(clock, HOUR / 2);
    await turns(200);
    assert.is(served.requests.length, 0);
    await advance(clock, HOUR / 2 + 5000);
    await until(() => stamper.last()?.size === 7);
  });
});

test('a stamp that is damaged on the disk is followed by a new one', async () => {
  const dir = join(tempDir(), 'stamps');
  await makeFolder(realDisk, dir);
  for (const name of ['3.tsr', '3.checkpoint']) await replaceFile(realDisk, dir, name, Buffer.from('x'));
  await withStamper({ dir, first: 4 }, async ({ clock, stamper, told }) => {
    await until(() => told.length === 1);
    assert.match(told[0] ?? '', 'The time stamps that were kept cannot be read');
    await advance(clock, 10_000);
    await until(() => stamper.last()?.size === 4);
  });
});

const message = 'What the time stamp authority answered is not kept. ';
for (const [title, instead, trouble] of [
  [
    'stamps something else',
    (bytes: Buffer) => authority.stamp(altered(bytes, 30)),
    `${message}The time stamp is one of something else.`,
  ],
  [
    'answers another request',
    (bytes: Buffer) => authority.stamp(altered(bytes, 62)),
    `${message}The time stamp answers another request.`,
  ],
  [
    'is another one',
    (bytes: Buffer) => stranger.stamp(bytes),
    `${message}The time stamp is by Test Time, for whom none of the certificates of PLACET_TSA_CA vouches.`,
  ],
  [
    'sends a page',
    () => Promise.resolve(Buffer.from('<html>')),
    `${message}The time stamp cannot be read, or was altered.`,
  ],
  [
    'sends too much',
    () => Promise.resolve(Buffer.alloc(70_000)),
    'The time stamp authority answered with more than 65536 bytes, which were not read.',
  ],
] as const) {
  test(`what an authority that ${title} sends is not kept, and it is asked again`, async () => {
    await withStamper({ first: 6 }, async ({ dir, clock, stamper, served, told }) => {
      served.instead = (response, request) => void instead(request).then((bytes) => response.end(bytes));
      await advance(clock, 10_000);
      await until(() => stamper.trouble() !== undefined);
      assert.is(stamper.trouble(), trouble);
      assert.equal(told, [trouble]);
      assert.is(stamper.last(), undefined);
      assert.is(await newestStamp(dir), undefined);
      served.instead = undefined;
      await advance(clock, 2000);
      await until(() => stamper.last()?.size === 6);
      assert.is(stamper.trouble(), undefined);
      assert.is(told.at(-1), 'The time stamp authority stamps again.');
    });
  });
}

for (const [title, status, trouble] of [
  ['fails', 500, 'The time stamp authority answered with status 500.'],
  ['redirects', 302, 'The time stamp authority answered with a redirect, which is not followed.'],
] as const) {
  test(`an authority that ${title} is in trouble`, async () => {
    await withStamper({ first: 6 }, async ({ clock, stamper, served }) => {
      served.instead = (response) => void response.writeHead(status, { Location: served.url }).end();
      await advance(clock, 10_000);
      await until(() => stamper.trouble() !== undefined);
      assert.is(stamper.trouble(), trouble);
      assert.is(served.requests.length, 1);
    });
  });
}

test('an authority that hangs is given up, and closing does not wait for it', async () => {
  await withStamper({ first: 6 }, async ({ clock, stamper, served }) => {
    served.instead = () => undefined;
    await advance(clock, 10_000);
    await until(() => served.requests.length === 1);
    await advance(clock, 15_000);
    await until(() => stamper.trouble() !== undefined);
    assert.is(stamper.trouble(), 'The time stamp authority did not answer in 15 s.');
    await advance(clock, 2000);
    await until(() => served.requests.length === 2);
  });
});

test('a disk that takes no stamp is trouble, and no stamp stands alone', async () => {
  const save = () => Promise.reject(new Error('the disk is full'));
  await withStamper({ first: 6, save }, async ({ dir, clock, stamper }) => {
    await advance(clock, 10_000);
    await until(() => stamper.trouble() !== undefined);
    assert.is(stamper.trouble(), 'The time stamp cannot be kept: the disk is full');
    assert.is(await newestStamp(dir), undefined);
  });
});

test('an authority that nobody listens for cannot be reached, and no address is quoted', async () => {
  await withStamper({ first: 6 }, async ({ clock, stamper, served }) => {
    served.close();
    await advance(clock, 10_000);
    await until(() => stamper.trouble() !== undefined);
    assert.is(stamper.trouble(), 'The time stamp authority cannot be reached (ECONNREFUSED).');
  });
});

test('certificates that cannot be read stop the start', () => {
  const log = fakeCheckpoints(new FakeClock());
  const start = () =>
    startTimeStamper({
      url: 'http://localhost/',
      ca: 'nothing',
      dir: tempDir(),
      save: () => Promise.resolve(),
      checkpoints: log,
      clock: new FakeClock(),
      random: seededRandom(),
      log: () => undefined,
    });
  assert.throws(start, 'There is no certificate in PEM of a time stamp authority.');
});

function altered(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
}

test.run();
