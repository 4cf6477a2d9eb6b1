import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXCEPTION_KINDS } from '../../../src/core/evidence.ts';
import { verifierFiles } from '../../../src/evidence/bundle/verifier-files.ts';
import { digestOfSources } from '../../../src/evidence/bundle/verify-page.ts';
import { sectionOf } from '../../support/markdown.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/evidence.md'), 'utf8');

test('the documentation names the hash of the verifier’s sources, by which a stranger compares them', async () => {
  const sources = await verifierFiles();
  assert.ok(sources.some(({ name }) => name === 'bundle.go'));
  assert.match(sectionOf(page, 'Checking it'), `    ${digestOfSources(sources)}\n`);
});

test('every kind of exception is explained', () => {
  const section = sectionOf(page, 'Exceptions');
  for (const kind of EXCEPTION_KINDS) assert.match(section, `\`${kind}\``);
});

test.run();
