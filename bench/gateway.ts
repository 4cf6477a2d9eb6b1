/**
 * What Placet costs: a server met directly, and the same through one and two pipes that only pass bytes,
 * through what is written first on the SDK, through mcp-proxy from npm, and through the real `placet stdio` with its host, journal and
 * policy. Real processes; all take turns within each round, and what is compared is medians, as single readings swing
 * by half. Prints Markdown tables and draws docs/images/gateway.svg.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/support/workspace.ts';
import { chart } from './gateway/chart.ts';
import { interleave, type Figures } from './gateway/figures.ts';
import { load } from './gateway/load.ts';
import { mcpProxy } from './gateway/peers.ts';
import { direct, placetSide, through, type Link, type Side } from './gateway/side.ts';
import { syncsDuring } from './gateway/syncs.ts';
import { ratioTable, table, type Row } from './gateway/table.ts';

type Name = 'direct' | 'bytes' | 'hops' | 'naive' | 'proxy' | 'placet' | 'before';
const TITLES: Readonly<Record<Name, string>> = {
  direct: 'direct',
  bytes: 'byte pipe ÷ direct',
  hops: 'two byte pipes ÷ direct',
  naive: 'SDK client and server ÷ direct',
  proxy: 'mcp-proxy ÷ direct',
  placet: 'Placet ÷ direct',
  before: 'Placet, `durability: before` ÷ direct',
};
const LABELS: Readonly<Record<Name, string>> = {
  direct: 'direct',
  bytes: 'byte pipe',
  hops: 'two byte pipes',
  naive: 'SDK client and server',
  proxy: 'mcp-proxy',
  placet: 'Placet',
  before: 'Placet, synced before',
};

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const peer = mcpProxy();
const placet = await placetSide(1_000, version);
const sides: Partial<Record<Name, Side>> = {
  direct,
  bytes: through('byte-pipe.mjs'),
  // As many processes as Placet has between: its pipe and its host.
  hops: through('byte-pipe.mjs', 'byte-pipe.mjs'),
  naive: through('naive.mjs'),
  ...('side' in peer ? { proxy: peer.side } : {}),
  placet,
  before: { prefix: placet.prefix, open: () => placet.open('patient') },
};
const names = Object.keys(sides) as Name[];
const links = {} as Record<Name, Link>;
const rows: Row<Name>[] = [];

try {
  for (const name of names) {
    const link = await sides[name]?.open();
    if (link) links[name] = link;
  }
  // Whoever has just started is slower for some hundred calls, until its code is compiled.
  await measure(100, 8, 3, 800);
  rows.push(
    { what: '100 B, 1 in flight', figures: await measure(100, 1, 24, 60), aim: 2.4 },
    { what: '100 B, 8 in flight', figures: await measure(100, 8, 16, 400), aim: 3.2 },
    { what: '100 B, 64 in flight', figures: await measure(100, 64, 12, 1280), aim: 2.3 },
    { what: '10 kB, 1 in flight', figures: await measure(10_000, 1, 16, 40), aim: 2.2 },
    { what: '10 kB, 8 in flight', figures: await measure(10_000, 8, 12, 160), aim: 2.5 },
    { what: '10 kB, 64 in flight', figures: await measure(10_000, 64, 10, 640), aim: 1.9 },
    { what: '1 MB, 1 in flight', figures: await measure(1_000_000, 1, 8, 6), aim: 2 },
  );
  console.log(`\n${ratioTable(rows, names, 'direct', TITLES)}\n`);
  if ('leftOut' in peer) console.log(`Left out: ${peer.leftOut}\n`);
  console.log(`${await syncTable()}\n`);
  draw();
} finally {
  for (const link of Object.values(links)) await link.close();
  await placet.workspace.end();
}

/** Echo calls that the policy allows, of so many bytes each way. */
function measure(
  bytes: number,
  atOnce: number,
  rounds: number,
  count: number,
): Promise<Readonly<Record<Name, Figures>>> {
  const words = 'x'.repeat(bytes);
  return interleave(names, rounds, (name) =>
    load(links[name], { tool: `${sides[name]?.prefix ?? ''}echo`, text: () => words, atOnce, count }),
  );
}

async function syncTable(): Promise<string> {
  const pid = await placet.workspace.hostPid();
  const lines: string[][] = [];
  for (const name of ['placet', 'before'] as const) {
    for (const atOnce of [1, 8, 64]) {
      const count = 512;
      const tool = `${placet.prefix}echo`;
      const syncs = await syncsDuring(pid, () =>
        load(links[name], { tool, text: () => 'x'.repeat(100), atOnce, count }),
      );
      lines.push([
        LABELS[name],
        String(atOnce),
        syncs === undefined ? 'not counted' : (syncs / count).toFixed(2),
      ]);
    }
  }
  return table(['allowed calls, 100 B', 'in flight', 'syncs a call'], lines);
}

function draw(): void {
  const groups = rows
    .filter(({ what }) => what.startsWith('100 B'))
    .map(({ what, figures }) => ({
      title: what,
      bars: names
        .filter((name) => name !== 'direct')
        .map((name) => ({
          label: LABELS[name],
          value: (figures[name]?.ms ?? Number.NaN) / (figures.direct?.ms ?? Number.NaN),
          own: name === 'placet' || name === 'before',
        })),
    }));
  mkdirSync(join(ROOT, 'docs/images'), { recursive: true });
  writeFileSync(
    join(ROOT, 'docs/images/gateway.svg'),
    chart('A call through a gateway, as a multiple of the same call without one', groups),
  );
}
