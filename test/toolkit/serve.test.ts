import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startTools, toolsFolder, toolSource } from '../support/tool-server.ts';

const GREET = `
import { defineTool } from 'placet';
import { z } from 'zod';
import { greeting } from './_words.ts';
export default defineTool({
  name: 'greet', title: 'Greet', description: 'Greets.', tags: ['polite', 'sensitive'],
  input: z.strictObject({ name: z.string().min(2), times: z.number().default(1) }),
  output: z.object({ greeting: z.string() }),
  summary: ({ name, times }) => \`Greet \${name} \${times} times.\`,
  run: ({ name, times }) => ({ greeting: Array(times).fill(greeting(name)).join(' ') }),
});
`;
const WORDS = 'export const greeting = (name: string): string => `Hello ${name}!`;\n';
const FILES = { 'greet.ts': GREET, '_words.ts': WORDS };

test('a tool is listed with its schemas, its tags, and a digest of its code', async () => {
  const tools = await startTools(toolsFolder(FILES));
  const [tool] = (await tools.client.listTools()).tools;
  const { 'placet/source': digest, ...meta } = tool?._meta ?? {};
  assert.match(String(digest), /^[0-9a-f]{64}$/);
  assert.equal(
    { ...tool, _meta: meta },
    {
      name: 'greet',
      title: 'Greet',
      description: 'Greets.',
      inputSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: { name: { type: 'string', minLength: 2 }, times: { type: 'number', default: 1 } },
        required: ['name'],
        additionalProperties: false,
      },
      outputSchema: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: { greeting: { type: 'string' } },
        required: ['greeting'],
        additionalProperties: false,
      },
      _meta: { 'placet/tags': ['polite', 'sensitive'], 'placet/summary': true },
    },
  );
  await tools.close();
});

test('a call in a workspace without node_modules gets what the schemas parsed', async () => {
  const tools = await startTools(toolsFolder(FILES));
  const result = await tools.call('greet', { name: 'Ada' });
  assert.equal(result.structured, { greeting: 'Hello Ada!' });
  assert.is(result.text, '{\n  "greeting": "Hello Ada!"\n}');
  await tools.close();
});

test('JavaScript tools are served beside TypeScript ones', async () => {
  const js = toolSource('plain', 'return "js";');
  const tools = await startTools(
    toolsFolder({
      'a.js': js.replace('plain', 'a'),
      'b.mjs': js.replace('plain', 'b'),
      'c.mts': js.replace('plain', 'c'),
    }),
  );
  assert.equal(await tools.names(), ['a', 'b', 'c']);
  assert.is((await tools.call('b')).text, 'js');
  await tools.close();
});

test('tests, type declarations, links and files that begin with an underscore are not loaded', async () => {
  const bad = 'throw new Error("loaded");';
  const folder = toolsFolder({
    ...FILES,
    'greet.test.ts': bad,
    'x.d.ts': bad,
    '_y.mjs': bad,
    '.hidden.ts': bad,
    'z.txt': bad,
  });
  symlinkSync(join(folder, 'greet.ts'), join(folder, 'link.ts'));
  const tools = await startTools(folder);
  assert.equal(await tools.names(), ['greet']);
  assert.equal(await tools.problems(), [
    {
      file: 'link.ts',
      message: 'is a link, which could lead to where an agent can write: put the file itself here',
    },
  ]);
  await tools.close();
});

test('zod means one and the same however it is imported', async () => {
  const tools = await startTools(
    toolsFolder({
      'z.ts': toolSource(
        'same',
        `const all = [zod, star, v4].every((other) => other.object === z.object);
         return JSON.stringify([all, typeof mini.object, typeof v3.object, typeof en]);`,
      ).replace(
        "import { z } from 'zod';",
        `import zod, { z } from 'zod';
         import * as star from 'zod';
         import * as v4 from 'zod/v4';
         import * as mini from 'zod/mini';
         import * as v3 from 'zod/v3';
         import { en } from 'zod/locales';`,
      ),
    }),
  );
  assert.is((await tools.call('same')).text, '[true,"function","function","function"]');
  await tools.close();
});

test('a package of the workspace is found from the workspace', async () => {
  const folder = toolsFolder({
    'dep.ts': toolSource('dep', 'return word;').replace('\n', "\nimport { word } from 'own-dep';\n"),
  });
  const own = join(dirname(folder), 'node_modules', 'own-dep');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'package.json'), '{"name":"own-dep","type":"module","exports":"./main.js"}');
  writeFileSync(join(own, 'main.js'), 'export const word = "from the workspace";');
  const tools = await startTools(folder);
  assert.is((await tools.call('dep')).text, 'from the workspace');
  await tools.close();
});

test('each malformed file is told with its line, and harms no other', async () => {
  const tools = await startTools(
    toolsFolder({
      ...FILES,
      'syntax.ts': '\nconst x: string = ;\n',
      'throws.ts': '\n\nthrow new Error("not today");\n',
      'missing.ts': "import 'nowhere';\n",
      'plain.ts': 'export default { name: "plain" };\n',
      'empty.ts': '',
      'reserved.ts': toolSource('placet_x', 'return "";'),
      'helper.ts': "import './_broken.ts';\n",
      '_broken.ts': '\n\nlet x = ;\n',
      'date.ts': toolSource('date', 'return "";').replace('z.string()', 'z.date()'),
    }),
  );
  assert.equal(await tools.names(), ['greet']);
  const problems = (await tools.problems()) as { file: string; message: string }[];
  assert.equal(
    problems.map(({ file, message }) => `${file}: ${message}`),
    [
      'date.ts: the input cannot be written as JSON Schema: Date cannot be represented in JSON Schema',
      'empty.ts: its default export must be defineTool({…})',
      'helper.ts: _broken.ts, line 3: Unexpected token',
      "missing.ts: line 1: Cannot find module 'nowhere'",
      'plain.ts: its default export must be defineTool({…})',
      'reserved.ts: line 4: The tool placet_x needs another name: those beginning with placet_ are reserved.',
      'syntax.ts: line 2: Unexpected token',
      'throws.ts: line 3: not today',
    ],
  );
  for (const { file, message } of problems) await tools.saying(`placet tools: ${file}: ${message}\n`);
  await tools.close();
});

test('of two tools with one name neither is served', async () => {
  const tools = await startTools(
    toolsFolder({
      ...FILES,
      'a.ts': toolSource('same', 'return "";'),
      'b.ts': toolSource('same', 'return "";'),
    }),
  );
  assert.equal(await tools.names(), ['greet']);
  const message = 'the tool same is defined by a.ts and b.ts, so none is served: rename one';
  assert.equal(await tools.problems(), [
    { file: 'a.ts', message },
    { file: 'b.ts', message },
  ]);
  await tools.close();
});

test.run();
