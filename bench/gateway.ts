/**
 * What Placet costs: a downstream met directly against the same behind `placet stdio` and its host, with a journal
 * of 1,000 and one of 100,000 entries. Real processes; the three take turns within each round, and what is compared
 * is medians: single readings swing by half. Run by itself it prints two Markdown tables.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/support/workspace.ts';
import { interleave, timed, type Figures, type Sample } from './gateway/figures.ts';
import { call, direct, placetSide, residentMemory, type Link, type PlacetSide } from './gateway/side.ts';
import { memoryTable, timesTable, type MemoryRow, type Row } from './gateway/table.ts';

type Name = 'direct' | 'short' | 'long';
type PlacetName = Exclude<Name, 'direct'>;
const ALL: readonly Name[] = ['direct', 'short', 'long'];
const PLACET: readonly PlacetName[] = ['short', 'long'];

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const began = performance.now();
const placet: Record<PlacetName, PlacetSide> = {
  short: await placetSide(1_000, version),
  long: await placetSide(100_000, version),
};
const sides = { direct, ...placet };
const links = {} as Record<Name, Link>;
const times: Row[] = [];
const memory: MemoryRow[] = [];
let distinct = 0;

try {
  await coldStarts();
  for (const name of ALL) links[name] = await sides[name].open();
  await readMemory('after the start');
  const list = await interleave(ALL, 8, (name) => start(name));
  times.push({ what: 'start to tools listed, host running', ...list });
  // A host that has just started is slower for some hundred calls, until its code is compiled.
  await calls(8, 2, 240);
  times.push(await calls(1, 20, 40));
  await heldCalls();
  times.push(await calls(8, 10, 160));
  await readMemory('after 3,500 calls');
  times.push(await calls(64, 10, 640));
  await readMemory('after 10,500 calls');
  await calls(64, 14, 640);
  await readMemory('after 20,000 calls');
  console.log(`gateway: ${Math.round((performance.now() - began) / 1000)} s\n\n${timesTable(times)}\n`);
  console.log(`${memoryTable(memory)}\n`);
  for (const name of PLACET)
    console.log(`The ${name} journal held ${await entries(name)} entries at the end.`);
} finally {
  for (const link of Object.values(links)) await link.client.close();
  for (const name of PLACET) await placet[name].workspace.end();
}

/** Each ends the host, and then takes the time until a new one has started and the tools are listed. */
async function coldStarts(): Promise<void> {
  const baseline = await interleave(['direct'], 5, start);
  const first = {} as Record<PlacetName, Figures>;
  for (const name of PLACET) {
    const [ms = Number.NaN] = (await start(name)).durations;
    first[name] = { ms, p95: ms };
  }
  times.push({ what: 'the very first start (one reading)', ...baseline, ...first });

  const cold = await interleave(PLACET, 5, async (name) => {
    await placet[name].workspace.placet('stop');
    return start(name);
  });
  times.push({ what: 'start to tools listed, no host', ...baseline, ...cold });

  const unsaved = await interleave(PLACET, 3, async (name) => {
    const { workspace } = placet[name];
    await workspace.placet('stop');
    rmSync(join(workspace.dir, 'data/journal/snapshot.json'));
    return start(name);
  });
  times.push({ what: 'the same without the snapshot, as after an update', ...baseline, ...unsaved });

  // With the snapshot again, as it is most days.
  for (const name of PLACET) await placet[name].workspace.placet('stop');
}

async function start(name: Name): Promise<Sample> {
  const started = performance.now();
  const link = await sides[name].open();
  const durations = [performance.now() - started];
  await link.client.close();
  return { durations };
}

/** Allowed calls, with so many in flight. */
async function calls(atOnce: number, rounds: number, count: number): Promise<Row> {
  const figures = await interleave(ALL, rounds, async (name) => {
    const tool = `${sides[name].prefix}echo`;
    const durations: number[] = [];
    const elapsed = await timed(() =>
      Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (let n = 0; n < count / atOnce; n += 1)
            durations.push(await timed(() => call(links[name], tool, 'hello')));
        }),
      ),
    );
    return { durations, perSecond: (durations.length / elapsed) * 1000 };
  });
  return { what: `allowed call, ${atOnce} in flight`, ...figures };
}

/** To the pending answer. All have arguments of their own, so that each opens a request, and none is decided. */
async function heldCalls(): Promise<void> {
  const figures = await interleave(ALL, 20, async (name) => {
    const tool = `${sides[name].prefix}change`;
    const durations: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      distinct += 1;
      durations.push(await timed(() => call(links[name], tool, `change ${distinct}`)));
    }
    return { durations };
  });
  times.push({ what: 'held call, to the pending answer, 1 in flight', ...figures });
}

async function readMemory(when: string): Promise<void> {
  const host = {} as Record<PlacetName, number>;
  const pipe = {} as Record<PlacetName, number>;
  for (const name of PLACET) {
    host[name] = residentMemory(await placet[name].workspace.hostPid());
    pipe[name] = residentMemory(links[name].pid);
  }
  memory.push({ what: `host, ${when}`, ...host });
  memory.push({
    what: `pipe (against the downstream), ${when}`,
    direct: residentMemory(links.direct.pid),
    ...pipe,
  });
}

async function entries(name: PlacetName): Promise<string> {
  const { stdout } = await placet[name].workspace.placet('status', '--json');
  const status = JSON.parse(stdout) as { readonly journal: { readonly entries: number } };
  return status.journal.entries.toLocaleString('en');
}
