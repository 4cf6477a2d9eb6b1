import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createReportPart } from '../../../src/evidence/report/report-part.ts';
import { bundleBench } from '../../support/bundle-bench.ts';
import { allowed, completed, wholeStory } from '../../support/journal-drafts.ts';

interface Manifest {
  readonly notes: Readonly<Record<string, string>>;
  readonly files: readonly { readonly path: string }[];
}

/** A bundle of two calls, of which one was held, approved and carried out. */
async function made() {
  const bench = await bundleBench();
  await bench.journal.append([...allowed('one'), completed('one')]);
  await wholeStory(bench.journal, bench.clock);
  await bench.cover();
  const query = { from: '2026-11-23', to: '2026-11-23', frameworks: [], sample: 2 };
  const { out } = await bench.make({ seed: 'fixed', query, parts: [createReportPart({ places: [] })] });
  await bench.close();
  return { out, manifest: JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest };
}

test('a bundle of a real journal has its report, its pages and its OSCAL file under the manifest', async () => {
  const { out, manifest } = await made();
  const paths = manifest.files.map(({ path }) => path);
  for (const path of ['report.html', 'sample/index.html', 'oscal/assessment-results.json']) {
    assert.ok(paths.includes(path), path);
  }
  assert.is(paths.filter((path) => /^sample\/\d{3}-.*\/index\.html$/.test(path)).length, 2);
  assert.is(manifest.notes['report.pdf'], 'no PDF: no Chromium found; open report.html');
  assert.match(readFileSync(join(out, 'report.html'), 'utf8'), '<b>2</b> <span>calls by agents</span>');
});

test('every link of its pages leads to a file of the bundle', async () => {
  const { out, manifest } = await made();
  const pages = manifest.files.map(({ path }) => path).filter((path) => path.endsWith('.html'));
  let links = 0;
  for (const page of pages) {
    const text = readFileSync(join(out, page), 'utf8');
    for (const [, to = ''] of text.matchAll(/href="([^"#][^"]*)"/g)) {
      links += 1;
      assert.ok(existsSync(join(out, page, '..', decodeURI(to))), `${page} leads to ${to}`);
    }
  }
  assert.ok(links >= 10, String(links));
});

test('every file that the OSCAL results name is in the bundle', async () => {
  const { out } = await made();
  const text = readFileSync(join(out, 'oscal/assessment-results.json'), 'utf8');
  const named = new Set([...text.matchAll(/"href": "(\.[^"]*)"/g)].map(([, to = '']) => to));
  assert.ok(named.size >= 5);
  for (const to of named) assert.ok(existsSync(join(out, 'oscal', decodeURI(to))), to);
});

test.run();
