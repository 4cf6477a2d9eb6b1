/**
 * Streams: entries a second that a pump sends, from a journal in memory to a file and to a collector over HTTP on this
 * machine, for each format. `node --import tsx bench/streams.ts [ENTRIES]`
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Draft } from '../src/core/entry.ts';
import { FORMATS } from '../src/events/format.ts';
import { FORMAT_NAMES, type FormatName } from '../src/events/format-names.ts';
import { systemClock as clock, systemRandom as random } from '../src/host/system.ts';
import { realDisk } from '../src/journal/disk.ts';
import { createCalls } from '../src/stream/calls.ts';
import { openCursorFile } from '../src/stream/cursor.ts';
import { openDeadLetters } from '../src/stream/dead-letters.ts';
import { createPump } from '../src/stream/pump.ts';
import type { Sink } from '../src/stream/sink.ts';
import { createFileSink } from '../src/stream/sinks/file.ts';
import { createHttpSink } from '../src/stream/sinks/http.ts';
import { createTail } from '../src/stream/tail.ts';
import { draftsWith, stampedAt } from '../test/support/event-entries.ts';

const COUNT = Number(process.argv[2] ?? 20_000);
const drafts: readonly Draft[] = Object.values(draftsWith('some words that a person wrote'));
const entries = Array.from({ length: COUNT }, (_, seq) =>
  stampedAt(drafts[seq % drafts.length] as Draft, seq),
);
const journal = {
  head: () => ({ size: entries.length }),
  async *read(from: number, to = entries.length) {
    yield* entries.slice(from, to);
  },
  readRequest: async () => [],
};
const context = { software: 'bench', origin: 'bench.example' };
const base = mkdtempSync(join(tmpdir(), 'plc-bench-'));
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200).end());
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

/** @returns entries a second */
async function measure(name: FormatName, kind: 'file' | 'http'): Promise<number> {
  const format = FORMATS[name];
  const folder = join(base, `${name}-${kind}`);
  mkdirSync(folder);
  const sink: Sink =
    kind === 'file'
      ? createFileSink({ path: join(folder, 'events'), format, context })
      : await createHttpSink({ url, format, context, clock });
  let told = (): void => undefined;
  const whole = new Promise<void>((resolve) => {
    told = resolve;
  });
  const cursor = openCursorFile({ disk: realDisk, folder, name: 'bench', journal });
  const began = performance.now();
  const pump = createPump({
    name: 'bench',
    sink,
    journal,
    tail: createTail(),
    begin: 'start',
    calls: createCalls(journal),
    cursor: {
      ...cursor,
      async write(reached) {
        await cursor.write(reached);
        if (reached.next === COUNT) told();
      },
    },
    deadLetters: await openDeadLetters(folder, 'bench'),
    format,
    context,
    redacted: new Set(['owner']),
    maxCount: 500,
    maxBytes: 768 * 1024,
    clock,
    random,
    log: console.error,
  });
  await whole;
  const rate = COUNT / ((performance.now() - began) / 1000);
  await pump.close();
  return rate;
}

const words = (rate: number): string => Math.round(rate).toLocaleString('en');
console.log(`| format | to a file, entries/s | over HTTP, entries/s |\n| --- | ---: | ---: |`);
for (const name of FORMAT_NAMES) {
  console.log(`| ${name} | ${words(await measure(name, 'file'))} | ${words(await measure(name, 'http'))} |`);
}
server.close();
server.closeAllConnections();
rmSync(base, { recursive: true, force: true });
