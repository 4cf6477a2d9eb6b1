import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startTools, toolsFolder, toolSource } from '../support/tool-server.ts';

const one = { 'it.ts': toolSource('it', 'return "old";') };

async function start(files: Readonly<Record<string, string>>) {
  const folder = toolsFolder(files);
  const tools = await startTools(folder);
  return {
    ...tools,
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    remove: (name: string) => rmSync(join(folder, name)),
    digest: async () => (await tools.client.listTools()).tools[0]?._meta?.['placet/source'],
  };
}

test('a changed tool is announced and served as it is now', async () => {
  for (const name of ['it.ts', 'it.mjs']) {
    const tools = await start({ [name]: one['it.ts'] });
    const digest = await tools.digest();
    await tools.changing(
      () => tools.write(name, toolSource('it', 'return "new";')),
      async () => (await tools.call('it')).text === 'new',
    );
    assert.is.not(await tools.digest(), digest);
    await tools.close();
  }
});

test('a changed TypeScript module beside the tools changes the tools that import it', async () => {
  const tools = await start({
    'it.ts': `import { word } from './_word.ts';\n${toolSource('it', 'return word;')}`,
    '_word.ts': 'export const word: string = "old";',
  });
  const digest = await tools.digest();
  await tools.changing(
    () => tools.write('_word.ts', 'export const word: string = "new";'),
    async () => (await tools.call('it')).text === 'new',
  );
  assert.is.not(await tools.digest(), digest);
  await tools.close();
});

test('tools that are added and removed are announced', async () => {
  const tools = await start(one);
  await tools.changing(
    () => tools.write('more.ts', toolSource('more', 'return "";')),
    async () => (await tools.names()).join() === 'it,more',
  );
  await tools.changing(
    () => tools.remove('it.ts'),
    async () => (await tools.names()).join() === 'more',
  );
  await tools.close();
});

test('a call under way ends with the code it began with', async () => {
  const tools = await start({
    'it.ts': toolSource(
      'it',
      `const { existsSync } = await import('node:fs');
       console.log('running');
       while (!existsSync(context.workspace + '/go')) await new Promise((r) => setTimeout(r, 5));
       return "old";`,
    ),
  });
  const call = tools.call('it');
  await tools.saying('running');
  await tools.changing(
    () => tools.write('it.ts', toolSource('it', 'return "new";')),
    async () => (await tools.call('it')).text === 'new',
  );
  tools.write('../go', '');
  assert.is((await call).text, 'old');
  await tools.close();
});

test('a tool that is broken by a change is no longer served, until it is mended', async () => {
  const tools = await start(one);
  await tools.changing(
    () => tools.write('it.ts', 'export default'),
    async () => (await tools.names()).length === 0,
  );
  assert.equal(await tools.problems(), [{ file: 'it.ts', message: 'line 1: Unexpected token' }]);
  await tools.saying('placet tools: it.ts: line 1: Unexpected token\n');
  await tools.changing(
    () => tools.write('it.ts', one['it.ts']),
    async () => (await tools.names()).join() === 'it',
  );
  assert.equal(await tools.problems(), []);
  await tools.close();
});

test('a changed module that Node keeps is told, because it goes on as it was', async () => {
  const tools = await start({ ...one, '_word.mjs': 'export const word = "old";' });
  await tools.changing(
    () => tools.write('_word.mjs', 'export const word = "new";'),
    async () => ((await tools.problems()) as unknown[]).length === 1,
  );
  assert.equal(await tools.problems(), [
    {
      file: '_word.mjs',
      message: 'changed, but only TypeScript is loaded anew: run `placet stop` to start with it',
    },
  ]);
  await tools.close();
});

test.run();
