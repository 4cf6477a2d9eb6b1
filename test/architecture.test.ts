import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { breachesOf, type LayeringRules } from './support/layering.ts';
import { tempDir } from './support/temp.ts';

const SRC = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');

const PORTS = ['journal/journal.ts', 'journal/payloads.ts', 'journal/secrets.ts', 'notify/channel.ts'];
const CHECKPOINTS = ['journal/journal.ts', 'journal/checkpoints.ts'];

/** The table of docs/architecture.md. */
const RULES: LayeringRules = {
  layers: {
    core: [],
    // What C2SP specifies, pure: it knows nothing of Placet but its errors.
    tlog: ['core/errors.ts'],
    journal: ['core', 'tlog'],
    attest: ['core', 'tlog', ...CHECKPOINTS],
    witness: ['core', 'tlog', 'journal/disk.ts'],
    reviewers: ['core', 'journal/journal.ts'],
    notify: ['core', 'journal/journal.ts'],
    // What security tools read of an entry, pure.
    events: ['core'],
    stream: ['core', 'events', 'journal/journal.ts', 'journal/disk.ts'],
    evidence: [
      'core',
      'journal',
      'tlog',
      'events',
      'attest/stored-stamps.ts',
      'attest/time-stamp.ts',
      // How YAML is read, and what was probably meant.
      'policies/positions.ts',
      'policies/nearest.ts',
    ],
    guard: ['core', ...PORTS],
    mcp: ['core', 'guard'],
    web: ['core', 'guard', 'reviewers', 'tlog'],
    policies: ['core'],
    // Its process hands the public API to the tools that it loads.
    toolkit: ['core', 'index.ts'],
    host: ['*'],
    // `placet demo` is a command like any other.
    cli: ['core', 'host', 'config.ts', 'environment.ts', 'demo'],
    'cli/policy.ts': ['policies', 'evidence'],
    'cli/people.ts': ['policies'],
    'cli/people-host.ts': ['policies'],
    'cli/log.ts': ['evidence'],
    'cli/log-verify.ts': ['evidence', 'tlog'],
    'cli/log-prove.ts': ['evidence', 'tlog'],
    'cli/log-rebuild.ts': ['journal'],
    'cli/evidence.ts': ['evidence', 'journal'],
    'cli/evidence-parts.ts': ['evidence'],
    'cli/evidence-policies.ts': ['evidence', 'policies'],
    'cli/witness.ts': ['witness', 'tlog'],
    demo: ['core', 'host', 'config.ts', 'environment.ts'],
    'config.ts': ['core', 'settings.ts', 'environment.ts'],
    // Apart, so that the pipe loads nothing else of the settings.
    'environment.ts': ['core/errors.ts'],
    'settings.ts': ['core', 'channel-settings.ts', 'stream-settings.ts', 'tlog/note.ts'],
    'channel-settings.ts': ['core'],
    'stream-settings.ts': ['core', 'events'],
    'index.ts': ['core', 'toolkit/define.ts', 'toolkit/secret.ts'],
  },
  libraries: { core: ['node:crypto'] },
  // The demo plays an agent, and agents use the SDK's client.
  sdk: ['mcp', 'toolkit', 'demo'],
  environment: ['environment.ts'],
  maxLines: 300,
};

/** The breaches of a planted tree. */
function planted(files: Readonly<Record<string, string>>): string[] {
  const src = tempDir();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, name)), { recursive: true });
    writeFileSync(join(src, name), text);
  }
  return breachesOf(src, RULES);
}

test('every file keeps to its layer', () => {
  assert.equal(breachesOf(SRC, RULES), []);
});

test('a folder without files is not taken for a clean one', () => {
  assert.throws(() => breachesOf(tempDir(), RULES), 'There is no TypeScript file');
});

test('a breach planted into a copy of a real file is found', () => {
  const text = readFileSync(join(SRC, 'core/quorum.ts'), 'utf8');
  assert.equal(planted({ 'core/quorum.ts': text }), []);
  assert.equal(planted({ 'core/quorum.ts': `import { open } from 'node:fs';\n${text}` }), [
    'core/quorum.ts imports node:fs',
  ]);
});

for (const [title, line] of [
  ['static', "import { a } from '../host/a.ts';"],
  ['type', "import type { A } from '../host/a.ts';"],
  ['side effect', "import '../host/a.ts';"],
  ['export from', "export { a } from '../host/a.ts';"],
  ['export star', "export * from '../host/a.ts';"],
  ['dynamic', "const a = await import('../host/a.ts');"],
  ['type query', "type A = typeof import('../host/a.ts');"],
  ['import over lines', "import {\n  a,\n  b,\n} from '../host/a.ts';"],
  ['require', "const a = require('../host/a.ts');"],
]) {
  test(`a breach by ${title} is found`, () => {
    assert.equal(planted({ 'guard/x.ts': `${line}\n` }), ['guard/x.ts imports host/a.ts']);
  });
}

test('what a comment says is no import', () => {
  assert.equal(planted({ 'core/x.ts': "/**\n * import a from '../host/a.ts';\n */\n// import 'fs';\n" }), []);
});

test('guard reaches ports and never their drivers', () => {
  assert.equal(
    planted({
      'guard/x.ts': "import type { Journal } from '../journal/journal.ts';\nimport '../journal/jsonl.ts';\n",
    }),
    ['guard/x.ts imports journal/jsonl.ts'],
  );
});

test('core imports no library and of Node only its hash', () => {
  assert.equal(planted({ 'core/x.ts': "import 'node:crypto';\nimport { z } from 'zod';\nimport 'fs';\n" }), [
    'core/x.ts imports zod',
    'core/x.ts imports fs',
  ]);
});

test('an MCP SDK is for mcp, toolkit and the demo only', () => {
  const line = "import { Client } from '@modelcontextprotocol/sdk/client/index.js';\n";
  assert.equal(planted({ 'mcp/x.ts': line, 'toolkit/x.ts': line, 'demo/x.ts': line, 'host/x.ts': line }), [
    'host/x.ts imports the MCP SDK (@modelcontextprotocol/sdk/client/index.js)',
  ]);
});

test('only environment.ts reads the environment', () => {
  assert.equal(
    planted({
      'environment.ts': 'export const a = process.env.A;\n',
      'host/a.ts': 'export const a = process.env.A;\n',
      'host/b.ts': "import { env } from 'node:process';\n",
      'host/c.ts': "export const a = process['env'];\n",
    }),
    ['host/a.ts reads the environment', 'host/b.ts reads the environment', 'host/c.ts reads the environment'],
  );
});

test('a computed import is a breach, because it hides what it imports', () => {
  for (const name of ['name', '`../${name}.ts`', '(name)']) {
    assert.equal(planted({ 'host/x.ts': `const a = await import(${name});\n` }), [
      'host/x.ts imports a computed name',
    ]);
  }
});

test('a folder that the plan does not name is a breach', () => {
  assert.equal(planted({ 'utils/x.ts': 'export {};\n' }), [
    'utils/x.ts stands in utils, which is no part of the house',
  ]);
});

test('a module-level variable is a breach, and one in a function is not', () => {
  assert.equal(planted({ 'core/x.ts': 'let a = 1;\nfunction f() {\n  let b = a;\n}\n' }), [
    'core/x.ts holds state in a module-level variable',
  ]);
});

test('a file of more than 300 lines is a breach', () => {
  assert.equal(planted({ 'core/x.ts': '//\n'.repeat(301), 'core/y.ts': '//\n'.repeat(300) }), [
    'core/x.ts has 301 lines',
  ]);
});

test.run();
