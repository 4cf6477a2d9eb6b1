// needs: conformance
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveOverHttp } from '../support/http-agent.ts';
import { makeWorkspace } from '../support/workspace.ts';
import { openFront } from './front.ts';
import { runSuite, type Findings } from './suite.ts';

const FIXTURE = join(import.meta.dirname, 'fixture-server.mjs');

const RULES = `unmatched: allow
review:
  reviewers: [group:ops]
rules:
  - id: all
    match: { tool: "*" }
    verdict: allow
    on_change: allow
`;

/** The fixture server itself, over HTTP. */
async function askDirectly(): Promise<{ readonly found: Findings; readonly broken: number }> {
  const fixture = spawn(process.execPath, [FIXTURE, '--http'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(fixture.stdout, 'data')) as [Buffer];
  const front = await openFront({ target: new URL(`http://127.0.0.1:${String(port).trim()}/mcp`) });
  const found = await runSuite(front.url);
  await front.close();
  fixture.kill();
  return { found, broken: front.broken() };
}

/** The same server over stdio behind a `placet serve`, which is asked at `/mcp`. */
async function askThroughPlacet(): Promise<{ readonly found: Findings; readonly broken: number }> {
  const fixture = { command: process.execPath, args: [FIXTURE], placet: { prefix: false } };
  const workspace = makeWorkspace({ rules: RULES, servers: { fixture } });
  const host = await serveOverHttp(workspace);
  const front = await openFront({ target: new URL(host.url), authorization: `Bearer ${host.key}` });
  const found = await runSuite(front.url);
  await front.close();
  await host.close();
  return { found, broken: front.broken() };
}

const direct = await askDirectly();
const through = await askThroughPlacet();
for (const [name, { found }] of Object.entries({ direct, through })) {
  console.log(`${name}: ${found.passed.length} checks passed in ${found.scenarios.length} scenarios`);
}

test('the fixture server passes every check of every scenario when it is asked directly', () => {
  assert.equal(direct.found.complaints, []);
  assert.is(direct.found.scenarios.length, 32);
  assert.is(direct.found.passed.length, 47);
});

test('through Placet the same checks pass, and none is lost', () => {
  assert.equal(through.found.complaints, []);
  assert.equal(through.found.passed, direct.found.passed);
  assert.equal(through.found.scenarios, direct.found.scenarios);
});

test('on both sides the stream of one call was broken, and its answer came to the client that came back', () => {
  assert.is(direct.broken, 1);
  assert.is(through.broken, 1);
  assert.ok(through.found.passed.includes('server-sse-polling/server-sse-disconnect-resume'));
});

test.run();
