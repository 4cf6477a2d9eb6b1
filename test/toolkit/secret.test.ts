import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startTools, toolsFolder } from '../support/tool-server.ts';

const tool = (zod: string, members: string): string => `
import { defineTool, secret } from 'placet';
import * as z from '${zod}';
export default defineTool({
  name: 'set', description: 'Sets.', tags: [],
  input: z.object({ ${members} }),
  run: () => 'done',
});
`;
const KEYWORD = 'x-placet-secret';

async function marked(zod: string, members: string): Promise<readonly string[]> {
  const tools = await startTools(toolsFolder({ 'set.ts': tool(zod, members) }));
  const [listed] = (await tools.client.listTools()).tools;
  const properties = (listed?.inputSchema.properties ?? {}) as Record<string, Record<string, unknown>>;
  await tools.close();
  return Object.keys(properties).filter((name) =>
    JSON.stringify(properties[name]).includes(`"${KEYWORD}":true`),
  );
}

test('what an author marks as secret is marked in the schema, however it is wrapped, and nothing else is', async () => {
  assert.equal(
    await marked(
      'zod',
      `a: secret(z.string()), b: secret(z.string()).optional(), c: secret(z.string().min(3).describe('Third.')),
       d: z.array(secret(z.string())), e: secret(z.object({ x: z.number() })), f: z.string(), g: secret(z.string()).default('x')`,
    ),
    ['a', 'b', 'c', 'd', 'e', 'g'],
  );
});

test('zod/mini is marked as well', async () => {
  assert.equal(
    await marked('zod/mini', 'a: secret(z.string()), b: z.optional(secret(z.string())), c: z.string()'),
    ['a', 'b'],
  );
});

test('to mark one use of a schema leaves the others alone', async () => {
  assert.equal(
    await marked('zod', '...(() => { const word = z.string(); return { a: word, b: secret(word) }; })()'),
    ['b'],
  );
});

test.run();
