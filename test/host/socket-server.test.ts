import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlacetError } from '../../src/core/errors.ts';
import { attach } from '../../src/host/attach.ts';
import type { Hello } from '../../src/host/hello.ts';
import { type Door, listenOnSocket } from '../../src/host/socket-server.ts';
import { tempDir } from '../support/temp.ts';

/** Says one hello at a door. @returns the code of the refusal, or what was accepted */
async function knock(door: Door, hello: Hello): Promise<string> {
  const path = join(tempDir(), 'run', 'host.sock');
  const accepted: string[] = [];
  if (door === 'agents') mkdirSync(dirname(path), { mode: 0o700 });
  const server = await listenOnSocket({
    path,
    door,
    log: () => undefined,
    connections: new Set(),
    accept: async ({ op }) => {
      accepted.push(op);
      return {};
    },
  });
  try {
    const { socket } = await attach(path, hello);
    socket.destroy();
    return `accepted ${accepted.join()}`;
  } catch (error) {
    return [(error as PlacetError).code, ...accepted].join();
  } finally {
    server.close();
  }
}

const OF_THE_OWNER: readonly Hello[] = [
  { placet: 1, op: 'invite', person: 'alice' },
  { placet: 1, op: 'passkeys' },
  { placet: 1, op: 'revoke', person: 'alice' },
  { placet: 1, op: 'status' },
  { placet: 1, op: 'stop' },
  { placet: 1, op: 'wrap', name: 'x', command: 'x', args: [], cwd: '/', env: {} },
];

for (const hello of OF_THE_OWNER) {
  test(`${hello.op} is refused over the agents' socket`, async () => {
    assert.is(await knock('agents', hello), 'not_allowed');
  });

  test(`${hello.op} is taken over the owner's socket`, async () => {
    assert.is(await knock('owner', hello), `accepted ${hello.op}`);
  });
}

test("stdio is taken over the agents' socket", async () => {
  assert.is(await knock('agents', { placet: 1, op: 'stdio' }), 'accepted stdio');
});

test.run();
