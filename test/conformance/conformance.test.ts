// needs: conformance
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openFront } from './front.ts';
import { runSuite } from './suite.ts';

const fixture = spawn(process.execPath, [join(import.meta.dirname, 'fixture-server.mjs'), '--http'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [port] = (await once(fixture.stdout, 'data')) as [Buffer];
const direct = await openFront(() => new URL(`http://127.0.0.1:${String(port).trim()}/mcp`));

test.after(async () => {
  await direct.close();
  fixture.kill();
});

test('the fixture server passes every check of every scenario when it is asked directly', async () => {
  const found = await runSuite(direct.url);
  console.log(`direct: ${found.passed.length} checks passed in ${found.scenarios.length} scenarios`);
  assert.equal(found.complaints, []);
  assert.is(found.scenarios.length, 32);
  assert.is(found.passed.length, 47);
  assert.is(direct.broken(), 1);
});

test.run();
