import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { callTool, summarise } from '../../src/toolkit/call.ts';
import type { Tool } from '../../src/toolkit/define.ts';
import deleteCustomers from '../../tools/delete_customers.ts';
import exportCustomers from '../../tools/export_customers.ts';
import { tempDir } from '../support/temp.ts';

function workspace() {
  const dir = tempDir();
  const context = { workspace: dir, signal: new AbortController().signal };
  return {
    dir,
    path: (name: string) => join(dir, name),
    call: async (tool: Tool, args: object) => {
      const { content, structuredContent, isError } = await callTool(tool, args, context);
      const [first] = content;
      return isError === true && first?.type === 'text' ? first.text : structuredContent;
    },
    summary: (tool: Tool, args: object) => summarise(tool, args, context),
  };
}

test('a deletion tells exactly whom it deleted', async () => {
  const { call } = workspace();
  assert.equal(await call(deleteCustomers, { inactive_since: '2024-01-01', max: 3 }), {
    deleted: [
      { id: 2, name: 'Bram de Wit', last_active: '2022-03-14' },
      { id: 4, name: 'Dmitri Volkov', last_active: '2023-07-21' },
      { id: 8, name: 'Hugo Lindqvist', last_active: '2023-11-30' },
    ],
    remaining: 9,
  });
});

test('who was deleted stays deleted', async () => {
  const { call } = workspace();
  await call(deleteCustomers, { inactive_since: '2024-01-01', max: 3 });
  assert.equal(await call(deleteCustomers, { inactive_since: '2024-01-01', max: 3 }), {
    deleted: [],
    remaining: 9,
  });
});

test('where more match than may be deleted, nobody is', async () => {
  const { call } = workspace();
  assert.is(
    await call(deleteCustomers, { inactive_since: '2024-01-01', max: 2 }),
    '3 customers match, more than the 2 allowed: nothing was deleted.',
  );
  assert.equal(await call(deleteCustomers, { inactive_since: '2000-01-01', max: 2 }), {
    deleted: [],
    remaining: 12,
  });
});

test('the summary of a deletion counts what it would delete now', async () => {
  const { call, summary } = workspace();
  assert.is(
    await summary(deleteCustomers, { inactive_since: '2024-01-01', max: 3 }),
    'Delete 3 of 12 customers, those inactive since 2024-01-01, from sandbox/customers.db.',
  );
  await call(deleteCustomers, { inactive_since: '2023-01-01', max: 3 });
  assert.is(
    await summary(deleteCustomers, { inactive_since: '2024-01-01', max: 3 }),
    'Delete 2 of 11 customers, those inactive since 2024-01-01, from sandbox/customers.db.',
  );
});

test('the summary of a deletion beyond its maximum says that nothing would be deleted', async () => {
  const { summary } = workspace();
  assert.is(
    await summary(deleteCustomers, { inactive_since: '2024-01-01', max: 1 }),
    'Delete nothing: 3 of 12 customers are inactive since 2024-01-01, more than the 1 that this call may delete.',
  );
});

test('two deletions at once count each customer once', async () => {
  const { call } = workspace();
  const both = await Promise.all(
    ['2024-01-01', '2025-01-01'].map((day) => call(deleteCustomers, { inactive_since: day, max: 9 })),
  );
  const deleted = both.flatMap((result) => (result as { deleted: { id: number }[] }).deleted);
  assert.equal(
    deleted.map(({ id }) => id).sort((a, b) => a - b),
    [2, 4, 8, 12],
  );
});

test('a lock that a killed process left is told with the way to mend it', async () => {
  const { call, path } = workspace();
  mkdirSync(path('sandbox/customers.db.lock'), { recursive: true });
  assert.is(
    await call(deleteCustomers, { inactive_since: '2024-01-01', max: 3 }),
    'sandbox/customers.db is in use. Try again; if nothing uses it, remove sandbox/customers.db.lock, which a killed process left.',
  );
});

test('an export writes the chosen columns for their owner only', async () => {
  const { call, path } = workspace();
  assert.equal(
    await call(exportCustomers, { columns: ['name', 'id'], inactive_since: '2024-01-01', file: 'a.csv' }),
    {
      file: 'sandbox/exports/a.csv',
      rows: 3,
      columns: ['name', 'id'],
    },
  );
  assert.is(
    readFileSync(path('sandbox/exports/a.csv'), 'utf8'),
    'name,id\r\nBram de Wit,2\r\nDmitri Volkov,4\r\nHugo Lindqvist,8\r\n',
  );
  assert.is(statSync(path('sandbox/exports/a.csv')).mode & 0o777, 0o600);
});

test('an export quotes what CSV needs quoted', async () => {
  const { call, path } = workspace();
  await call(exportCustomers, { columns: ['name'], file: 'all.csv' });
  assert.match(readFileSync(path('sandbox/exports/all.csv'), 'utf8'), '\r\n"Katya ""Kat"" Novak"\r\n');
});

test('an export never overwrites', async () => {
  const { call, path } = workspace();
  await call(exportCustomers, { columns: ['id'], file: 'a.csv' });
  const before = readFileSync(path('sandbox/exports/a.csv'), 'utf8');
  assert.is(
    await call(exportCustomers, { columns: ['email'], file: 'a.csv' }),
    'sandbox/exports/a.csv exists; give another name.',
  );
  assert.is(readFileSync(path('sandbox/exports/a.csv'), 'utf8'), before);
});

test('an export takes nothing but a plain file name', async () => {
  const { call, path } = workspace();
  for (const file of [
    '../a.csv',
    '/tmp/a.csv',
    'a/b.csv',
    '..\\a.csv',
    '.csv',
    'a.csv\n',
    'a.sh',
    'a.csv\0',
  ]) {
    assert.is(
      await call(exportCustomers, { columns: ['id'], file }),
      'The arguments do not fit the tool export_customers: file: a plain file name such as customers.csv.',
    );
  }
  assert.not(existsSync(path('sandbox')));
});

test('an export does not follow a folder that leads elsewhere', async () => {
  const { call, path } = workspace();
  const elsewhere = tempDir();
  mkdirSync(path('sandbox'));
  symlinkSync(elsewhere, path('sandbox/exports'));
  assert.is(
    await call(exportCustomers, { columns: ['id'], file: 'a.csv' }),
    'sandbox/exports leads out of the workspace: put a folder there instead of a link.',
  );
  assert.not(existsSync(join(elsewhere, 'a.csv')));
});

test('the summary of an export says what, how many and where, and whether the file is there', async () => {
  const { call, summary } = workspace();
  const args = { columns: ['name', 'email'], file: 'a.csv' };
  assert.is(
    await summary(exportCustomers, args),
    'Export name, email of 12 of 12 customers to sandbox/exports/a.csv.',
  );
  await call(exportCustomers, args);
  assert.is(
    await summary(exportCustomers, args),
    'Export name, email of 12 of 12 customers to sandbox/exports/a.csv. That file exists, so this will fail.',
  );
});

test.run();
