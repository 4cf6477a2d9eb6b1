import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from '../support/workspace.ts';

const SRC = join(ROOT, 'src');
/** Imports that are there at run time: no types, and nothing that is imported later. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?'([^']+)';/gm;

/** The npm packages that a module and all that it imports load before its first line runs. */
function packagesOf(entry: string): string[] {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(STATIC)) {
      if (specifier.startsWith('.')) visit(join(dirname(file), specifier));
      else if (!specifier.startsWith('node:'))
        packages.add(specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
    }
  };
  visit(entry);
  assert.ok(seen.size > 5, `only ${seen.size} files were seen from ${relative(SRC, entry)}`);
  return [...packages].sort();
}

test('a host loads at its start what every workspace needs, and no more', () => {
  assert.equal(packagesOf(join(SRC, 'host/run.ts')), [
    '@hono/node-server',
    '@marcbachmann/cel-js',
    'cross-spawn',
    'fs-native-extensions',
    'lowdb',
    'rate-limiter-flexible',
    'yaml',
    'zod',
  ]);
});

test('a pipe loads no package at all', () => {
  assert.equal(packagesOf(join(SRC, 'cli/main.ts')), []);
});

test('what verifies a log loads what reads mails and time stamps only where there are any', () => {
  assert.equal(packagesOf(join(SRC, 'cli/log.ts')), ['commander', 'fs-native-extensions', 'yaml', 'zod']);
});

test.run();
