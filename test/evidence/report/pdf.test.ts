import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { printPdf } from '../../../src/evidence/report/pdf.ts';
import { createReportPart } from '../../../src/evidence/report/report-part.ts';
import { until } from '../../support/journal-suite.ts';
import { keptFiles, reportInput } from '../../support/report-world.ts';
import { tempDir } from '../../support/temp.ts';

const NOT_THERE = { places: ['/nowhere/chromium'] };

/** A program that stands in for Chromium. */
function program(script: string): { readonly places: readonly string[] } {
  const path = join(tempDir(), 'chromium');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { places: [path] };
}

/** A process that has ended, and that nobody has asked after yet, runs no more. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('placet-pdf-'));
}

test('where there is no Chromium it is said, and nothing fails', async () => {
  assert.equal(await printPdf('<p>a', NOT_THERE), { none: 'no PDF: no Chromium found; open report.html' });
});

test('the bundle says why it has no PDF', async () => {
  const kept = keptFiles();
  await createReportPart(NOT_THERE)(reportInput(), kept);
  assert.equal(
    [...kept.files.keys()],
    [
      'report.html',
      'sample/index.html',
      'sample/001-cal_01kb4e5m7n8p9q0r1s2t3v4w5x/index.html',
      'sample/002-cal_01kb5a0b1c2d3e4f5g6h7j8k9m/index.html',
      'oscal/assessment-results.json',
    ],
  );
  assert.match(String(kept.files.get('report.html')), 'no PDF: no Chromium found; open report.html');
  assert.equal([...kept.notes], [['report.pdf', 'no PDF: no Chromium found; open report.html']]);
});

test('what fails is said, and leaves nothing behind', async () => {
  const before = leftovers();
  assert.equal(await printPdf('<p>a', program('exit 7')), {
    none: 'no PDF: Chromium ended with 7; open report.html',
  });
  assert.equal(await printPdf('<p>a', program('exit 0')), {
    none: 'no PDF: Chromium made none; open report.html',
  });
  assert.equal(leftovers(), before);
});

test('what is no whole PDF is not taken for one', async () => {
  const half = program('for a; do case $a in --print-to-pdf=*) printf %%PDF-1.4 > "${a#*=}";; esac; done');
  assert.equal(await printPdf('<p>a', half), { none: 'no PDF: Chromium made none; open report.html' });
});

test('one that does not end is ended, with all that it started', async () => {
  const pids = join(tempDir(), 'pids');
  const slow = program(`sleep 600 & echo $! >> ${pids}; echo $$ >> ${pids}; wait`);
  assert.equal(await printPdf('<p>a', { ...slow, limitMs: 1000 }), {
    none: 'no PDF: Chromium had not ended after 1 s; open report.html',
  });
  const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
  assert.is(started.length, 2);
  await until(() => started.every((pid) => !isRunning(pid)));
});

test('a caller that is killed takes it along, with all that it started', async () => {
  const pids = join(tempDir(), 'pids');
  const { places } = program(`sleep 600 & echo $! >> ${pids}; echo $$ >> ${pids}; wait`);
  const pdf = new URL('../../../src/evidence/report/pdf.ts', import.meta.url).href;
  const script = join(tempDir(), 'caller.mjs');
  writeFileSync(
    script,
    `import { printPdf } from ${JSON.stringify(pdf)}; await printPdf('<p>a', ${JSON.stringify({ places })});`,
  );
  const temp = tempDir();
  const caller = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script], {
    env: { ...process.env, TMPDIR: temp },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const closed = new Promise((resolve) => caller.once('close', resolve));
  caller.stderr.resume();
  const started = (): readonly number[] =>
    existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : [];
  await until(() => started().length === 2);
  assert.is(started().every(isRunning), true);
  process.kill(-Number(caller.pid), 'SIGKILL');
  await closed;
  await until(() => !started().some(isRunning));
  assert.is(readdirSync(temp).filter((name) => name.startsWith('placet-pdf-')).length, 1);
});

test('one that cannot be started is told of', async () => {
  const path = join(tempDir(), 'chromium');
  writeFileSync(path, 'no program', { mode: 0o600 });
  assert.equal(await printPdf('<p>a', { places: [path] }), {
    none: 'no PDF: Chromium could not be started; open report.html',
  });
});

test('it is told nothing of what this process knows', async () => {
  const seen = join(tempDir(), 'seen');
  process.env['PLACET_TEST_SECRET'] = 'hush';
  try {
    await printPdf('<p>a', program(`env > ${seen}; exit 1`));
  } finally {
    delete process.env['PLACET_TEST_SECRET'];
  }
  const told = /^(HOME|LANG|PATH|TMPDIR|TZ|\w*SECRET\w*|PLACET\w*|NODE\w*)=/gm;
  const names = [...readFileSync(seen, 'utf8').matchAll(told)].map(([, name]) => name);
  assert.equal(new Set(names), new Set(['HOME', 'LANG', 'PATH', 'TMPDIR', 'TZ']));
});

test('the profile and the page are gone afterwards', async () => {
  const seen = join(tempDir(), 'seen');
  await printPdf('<p>a', program(`echo "$HOME" > ${seen}; exit 1`));
  assert.is(existsSync(readFileSync(seen, 'utf8').trim()), false);
});

test.run();
