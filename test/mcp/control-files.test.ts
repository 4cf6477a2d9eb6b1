import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { controlFileBreach } from '../../src/mcp/control-files.ts';
import { tempDir } from '../support/temp.ts';

const top = tempDir();
const workspace = join(top, 'ws');
const outside = join(top, 'elsewhere');
for (const dir of ['policies', 'data', 'tools', 'sandbox', 'node_modules/server']) {
  mkdirSync(join(workspace, dir), { recursive: true });
}
mkdirSync(join(outside, 'data'), { recursive: true });
writeFileSync(join(workspace, 'mcp.json'), '{}');
writeFileSync(join(workspace, 'node_modules/server/index.js'), '');
symlinkSync(workspace, join(top, 'link'));
symlinkSync(join(workspace, 'policies'), join(workspace, 'sandbox', 'innocent'));

interface Process {
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly data?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function breach({ args = [], cwd, data, env = {} }: Process): string | undefined {
  return controlFileBreach({
    workspace,
    ...(data === undefined ? {} : { data }),
    server: {
      name: 'files',
      prefix: false,
      tags: {},
      transport: {
        kind: 'process',
        command: 'x',
        args,
        env,
        cwd: cwd ?? workspace,
        cwdIsConfigured: cwd !== undefined,
      },
    },
  });
}

const refused: readonly (readonly [what: string, args: readonly string[]])[] = [
  ['the workspace', [workspace]],
  ['the workspace with a slash at the end', [`${workspace}/`]],
  ['a folder above it', [top]],
  ['the root', ['/']],
  ['the relative workspace', ['.']],
  ['a way out and back in', ['sandbox/..']],
  ['policies/', [join(workspace, 'policies')]],
  ['a file in policies/ that does not exist yet', ['policies/new.yaml']],
  ['data/', ['./data']],
  ['a database in data/', ['--db=data/x.db']],
  ['tools/', ['tools']],
  ['mcp.json', ['mcp.json']],
  ['.env that does not exist yet', ['.env']],
  ['a link to the workspace', [join(top, 'link')]],
  ['a link to policies/', ['sandbox/innocent']],
  ['a flag with a value', [`--root=${workspace}`]],
  ['a file URL', [pathToFileURL(workspace).href]],
  ['a flag with a file URL', [`--root=${pathToFileURL(join(workspace, 'policies')).href}`]],
  ['a mount', ['-v', `${workspace}:/data:rw`]],
  ['a list of mount options', ['--mount', `type=bind,src=${workspace},dst=/x`]],
  ['policies/ in a command for a shell', ['-c', `exec fs ${join(workspace, 'policies')}`]],
  ['the workspace in a command for a shell', ['-c', `cd ${workspace} && exec fs .`]],
  ['policies/ behind a flag in one word', [`--root ${join(workspace, 'policies')}`]],
  ['policies/ glued to a flag', [`-r${join(workspace, 'policies')}`]],
  ['policies/ in quotes', [`"${join(workspace, 'policies')}"`]],
  ['policies/ in a list as JSON', [JSON.stringify([join(workspace, 'policies')])]],
  ['the second of two folders', [join(workspace, 'sandbox'), top]],
];
test('refuses a variable that names policies/, without its value', () => {
  const found = breach({
    env: { ALLOWED_DIRS: `${join(workspace, 'sandbox')},${join(workspace, 'policies')}` },
  });
  assert.match(found ?? 'accepted', 'because the variable ALLOWED_DIRS reaches');
});

for (const [what, args] of refused) {
  test(`refuses an argument that names ${what}`, () => {
    assert.match(breach({ args }) ?? 'accepted', /^The server files is refused because the argument "/);
  });
}

const accepted: readonly (readonly [what: string, args: readonly string[]])[] = [
  ['a sandbox', [join(workspace, 'sandbox')]],
  ['a relative sandbox', ['sandbox', './sandbox/deeper']],
  ["a program's file in the workspace", [join(workspace, 'node_modules/server/index.js')]],
  ['a folder whose name only begins alike', [`${workspace}-other`, join(workspace, 'data2')]],
  [
    'flags and words',
    ['-y', '--verbose', '--level=debug', '', '@scope/package@1.0.0', 'https://example.com/policies'],
  ],
  ['a file URL on another machine', ['file://server/share']],
];
for (const [what, args] of accepted) {
  test(`accepts ${what}`, () => {
    assert.is(breach({ args }), undefined);
  });
}

test('names the argument', () => {
  assert.is(
    breach({ args: ['--root=.'] }),
    'The server files is refused because the argument "--root=." reaches the workspace\'s control files (policies/, tools/, data/, mcp.json, .env); give it a folder of its own.',
  );
});

test('resolves relative arguments from the cwd', () => {
  assert.is(breach({ args: ['.'], cwd: join(workspace, 'sandbox') }), undefined);
  assert.match(breach({ args: ['..'], cwd: join(workspace, 'sandbox') }) ?? '', /the argument "\.\."/);
});

test('refuses a configured cwd that contains the control files', () => {
  assert.match(breach({ cwd: workspace }) ?? '', /the cwd/);
  assert.match(breach({ cwd: join(workspace, 'data') }) ?? '', /the cwd/);
  assert.is(breach({ cwd: outside }), undefined);
});

test('guards a data folder that is configured elsewhere', () => {
  const data = join(outside, 'data');
  assert.match(breach({ args: [outside], data }) ?? '', /the argument/);
  assert.match(breach({ args: [join(data, 'x')], data }) ?? '', /the argument/);
  assert.is(breach({ args: [join(outside, 'other')], data }), undefined);
});

test('has nothing against a server over HTTP', () => {
  const transport = { kind: 'http', url: 'https://example.com', headers: {} } as const;
  assert.is(
    controlFileBreach({ workspace, server: { name: 'web', prefix: false, tags: {}, transport } }),
    undefined,
  );
});

test.run();
