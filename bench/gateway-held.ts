/**
 * What it takes to hold a call: to its pending answer, with 100 and with 10,000 requests that wait, and with a journal
 * of some thousand and of a million entries; and from a decision to the start of what was approved. Real processes;
 * the workspaces take turns with the direct server within each round.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openInbox } from '../src/demo/inbox.ts';
import { decide, linkIn, openPage } from '../test/support/reviewer.ts';
import { approvalId, ROOT } from '../test/support/workspace.ts';
import { interleave, median } from './gateway/figures.ts';
import { load } from './gateway/load.ts';
import { crowdedSide, direct, type CrowdedSide, type Link } from './gateway/side.ts';
import { ratioTable, short, table, type Row } from './gateway/table.ts';
import { makeJournal } from './log/make-journal.ts';

type Name = 'direct' | 'few' | 'many' | 'long';
const TITLES: Readonly<Record<Name, string>> = {
  direct: 'direct echo',
  few: '100 pending ÷ direct',
  many: '10,000 pending ÷ direct',
  long: '100 pending, 1,000,000 entries ÷ direct',
};
const NAMES: readonly Name[] = ['direct', 'few', 'many', 'long'];
const PENDING = { few: 100, many: 10_000, long: 100 } as const;
const ENTRIES = 1_000_000;

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const inbox = await openInbox();
const crowded: Record<Exclude<Name, 'direct'>, CrowdedSide> = {
  few: await crowdedSide(version),
  many: await crowdedSide(version),
  long: await crowdedSide(version, fill),
};
const quick = await crowdedSide(version, undefined, { PLACET_SMTP_URL: inbox.smtpUrl });
const links = {} as Record<Name, Link>;
let distinct = 0;

try {
  links.direct = await direct.open();
  for (const name of ['few', 'many', 'long'] as const) {
    await crowded[name].crowd(PENDING[name], text);
    links[name] = await crowded[name].open();
  }
  const rows: Row<Name>[] = [];
  // One agent may have a thousand requests waiting, so all of these together are fewer.
  await hold(8, 1, 80);
  rows.push({ what: 'held call, 1 in flight', figures: await hold(1, 12, 20), aim: 8 });
  rows.push({ what: 'held call, 64 in flight', figures: await hold(64, 3, 128) });
  console.log(`\n${ratioTable(rows, NAMES, 'direct', TITLES)}\n`);
  const ms = await decisions(30);
  const [started, reached] = [ms.map((each) => each.started), ms.map((each) => each.reached)];
  console.log(
    `${table(
      ['from the decision', 'median', 'most'],
      [
        [
          'to `execution.started` in the journal',
          `${short(median(started))} ms`,
          `${Math.max(...started)} ms`,
        ],
        ['to the call at the server', `${short(median(reached))} ms`, `${Math.max(...reached)} ms`],
      ],
    )}\n`,
  );
} finally {
  for (const link of Object.values(links)) await link.close();
  for (const side of [...Object.values(crowded), quick]) await side.workspace.end();
  await inbox.close();
}

function text(): string {
  distinct += 1;
  return `change ${distinct}`;
}

function hold(atOnce: number, rounds: number, count: number): ReturnType<typeof interleave<Name>> {
  return interleave(NAMES, rounds, (name) => {
    const tool = name === 'direct' ? 'echo' : 'echo__change';
    return load(links[name], { tool, text, atOnce, count });
  });
}

/** A workspace that has seen a million entries already. */
function fill(dir: string): void {
  const keys = join(dir, 'data/keys');
  const { secret } = makeJournal({ dir: join(dir, 'data/journal'), entries: ENTRIES, lineBytes: 1024 });
  mkdirSync(keys, { mode: 0o700 });
  writeFileSync(join(keys, 'log.key'), `${secret}\n`, { mode: 0o600 });
}

/** Milliseconds after the decision's entry. */
async function decisions(
  count: number,
): Promise<readonly { readonly started: number; readonly reached: number }[]> {
  const link = await quick.open();
  const seen: { started: number; reached: number }[] = [];
  try {
    for (let n = 0; n < count; n += 1) {
      const held = await link.client.callTool({ name: 'echo__change', arguments: { text: text() } });
      const id = approvalId(held as Parameters<typeof approvalId>[0]);
      const page = await openPage(linkIn(await inbox.waitFor((mail) => mail.requestId === id)));
      const answered = link.client.callTool({
        name: 'placet_status',
        arguments: { approval_id: id, wait_seconds: 25 },
      });
      await decide(page, { decision: 'approve', confirm: 'change', reason: '' });
      const { _meta } = await answered;
      const entries = quick.workspace.journal().filter((entry) => entry.request_id === id);
      const at = (type: string): number =>
        Date.parse(String(entries.find((entry) => entry.type === type)?.time));
      const decided = at('approval.decided');
      seen.push({ started: at('execution.started') - decided, reached: Number(_meta?.reached) - decided });
    }
  } finally {
    await link.close();
  }
  return seen;
}
