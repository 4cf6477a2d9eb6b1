/**
 * `placet log verify` over 1,000,000 entries against `sha256sum` over the same files, quick and in full, alternating;
 * with the memory that each takes. What is verified has no workspace's key beside it, as an auditor has it, and a
 * checkpoint after every resolution and execution.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY } from '../test/support/workspace.ts';
import { makeJournal } from './log/make-journal.ts';
import { measured, median, spread, type Measured } from './log/measured.ts';

const ENTRIES = 1_000_000;
const ROUNDS = 5;

async function compare(lineBytes: number): Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'placet-verify-'));
  try {
    const journal = join(workspace, 'data/journal');
    const { entries, bytes, checkpoints } = makeJournal({ dir: journal, entries: ENTRIES, lineBytes });
    const segments = readdirSync(journal)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(journal, name));
    const verify = ['log', 'verify', '--json', '--dir', workspace];
    const ways = {
      sha256sum: () => measured('sha256sum', segments),
      quick: () => measured(process.execPath, [BINARY, ...verify, '--quick']),
      full: () => measured(process.execPath, [BINARY, ...verify]),
    };
    const runs: Record<keyof typeof ways, Measured[]> = { sha256sum: [], quick: [], full: [] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const way of ['sha256sum', 'quick', 'full'] as const) {
        const run = await ways[way]();
        if (way !== 'sha256sum') mustHave(run.stdout);
        runs[way].push(run);
      }
    console.log(
      `\n${entries.toLocaleString('en')} entries in ${segments.length} segments, ${(bytes / 2 ** 20).toFixed(0)} MiB, ${(bytes / entries).toFixed(0)} bytes each, ${checkpoints.toLocaleString('en')} checkpoints: medians of ${ROUNDS} rounds\n`,
    );
    console.log('| | seconds | ÷ sha256sum | peak memory, MiB |\n|---|---|---|---|');
    const base = median(runs.sha256sum.map(({ seconds }) => seconds));
    for (const way of ['sha256sum', 'quick', 'full'] as const) {
      const seconds = runs[way].map((run) => run.seconds);
      const peak = Math.max(...runs[way].map((run) => run.peak));
      const name =
        way === 'sha256sum' ? '`sha256sum`' : `\`placet log verify\`${way === 'quick' ? ' `--quick`' : ''}`;
      console.log(
        `| ${name} | ${spread(seconds)} | ${(median(seconds) / base).toFixed(2)} | ${peak.toFixed(0)} |`,
      );
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function mustHave(stdout: string): void {
  const { ok, entries } = JSON.parse(stdout) as { ok: boolean; entries: number };
  if (!ok || entries < ENTRIES) throw new Error(`What was verified is not whole: ${stdout.slice(0, 500)}`);
}

// About a kilobyte each, and as short as they are.
for (const lineBytes of [1024, 0]) await compare(lineBytes);
