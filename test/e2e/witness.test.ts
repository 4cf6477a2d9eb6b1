import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventually } from '../support/host.ts';
import { tempDir } from '../support/temp.ts';
import { BINARY, makeWorkspace, type TestWorkspace } from '../support/workspace.ts';

/** Two hosts, each with a witness beside it that cosigns the other's log. */

interface Witness {
  readonly key: string;
  readonly url: string;
  readonly errors: () => string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

async function witness(dir: string, name: string, logs: readonly string[], port = 0): Promise<Witness> {
  const args = ['witness', '--dir', dir, '--name', name, '--port', String(port)];
  const child = spawn(process.execPath, [BINARY, ...args, ...logs.flatMap((log) => ['--log', log])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let told = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const found = await eventually(async () => {
    const url = /listens at (\S+)/.exec(told)?.[1];
    const key = /key is (\S+)/.exec(told)?.[1];
    return url !== undefined && key !== undefined ? { url, key } : undefined;
  }, `the witness ${name} listens`);
  return {
    ...found,
    errors: () => errors,
    stop: () =>
      new Promise((resolve) => {
        running.delete(child);
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

interface LogStatus {
  readonly checkpoint?: { readonly size: number };
  readonly witnesses: readonly { readonly name: string; readonly size?: number; readonly trouble?: string }[];
}

const logOf = async (workspace: TestWorkspace): Promise<LogStatus> =>
  (JSON.parse((await workspace.placet('status', '--json')).stdout) as { log: LogStatus }).log;

const keyOf = async (workspace: TestWorkspace): Promise<string> =>
  (await workspace.placet('log', 'key')).stdout.trim();

const read = async (workspace: TestWorkspace): Promise<void> => {
  const agent = await workspace.agent();
  await agent.call('files__list_directory', { path: join(workspace.dir, 'files') });
  await agent.close();
};

const here = makeWorkspace();
const there = makeWorkspace();
await read(here);
await read(there);
const [hereKey, thereKey] = await Promise.all([keyOf(here), keyOf(there)]);
const folders = { here: tempDir(), there: tempDir() };
let byHere = await witness(folders.here, 'here.example/w', [thereKey]);
const byThere = await witness(folders.there, 'there.example/w', [hereKey]);
for (const [workspace, { key, url }] of [
  [here, byThere],
  [there, byHere],
] as const) {
  await workspace.placet('stop');
  appendFileSync(join(workspace.dir, '.env'), `PLACET_WITNESSES="${key} ${url}"\n`);
}

test.after(async () => {
  await Promise.all([here.end(), there.end()]);
  await Promise.all([byThere.stop(), byHere.stop()]);
  for (const child of running) child.kill('SIGKILL');
});

/** The newest checkpoint's size, once it is more than `above` and cosigned. */
const cosigned = (workspace: TestWorkspace, by: string, above = 0): Promise<number> =>
  eventually(async () => {
    const { checkpoint, witnesses } = await logOf(workspace);
    const size = witnesses.find(({ name }) => name === by)?.size;
    return size !== undefined && size > above && size === checkpoint?.size ? size : undefined;
  }, `${by} cosigned a checkpoint over more than ${above} entries`);

test('each cosigns the other’s newest checkpoint, which then carries it', async () => {
  await Promise.all([read(here), read(there)]);
  const [size] = await Promise.all([cosigned(here, 'there.example/w'), cosigned(there, 'here.example/w')]);
  await eventually(async () => {
    const note = readFileSync(join(here.dir, 'data', 'journal', 'checkpoint'), 'utf8');
    return Number(note.split('\n')[1]) >= size && note.includes('— there.example/w ') ? note : undefined;
  }, 'the checkpoint carries the cosignature');
  const verified = await here.placet('log', 'verify', '--json', '--witness-key', byThere.key);
  assert.is(verified.code, 0, verified.stdout);
});

test('a witness that was away catches up, and nothing waited for it', async () => {
  const before = await cosigned(there, 'here.example/w');
  const port = Number(new URL(byHere.url).port);
  await byHere.stop();
  await read(there);
  byHere = await witness(folders.here, 'here.example/w', [], port);
  await read(there);
  assert.ok(await cosigned(there, 'here.example/w', before));
});

test('a log that was set back and goes on otherwise is not cosigned, and both sides say so', async () => {
  const before = await cosigned(here, 'there.example/w');
  await here.placet('stop');
  const data = join(here.dir, 'data');
  const old = tempDir();
  cpSync(data, old, { recursive: true });
  await read(here);
  await cosigned(here, 'there.example/w', before);
  await here.placet('stop');
  // As from a backup: everything in the folder is from before, the log's own memory too.
  rmSync(data, { recursive: true });
  cpSync(old, data, { recursive: true });
  await read(here);
  const { trouble } = await eventually(async () => {
    const [state] = (await logOf(here)).witnesses;
    return state?.trouble === undefined ? undefined : state;
  }, 'the witness refuses');
  assert.match(String(trouble), 'there.example/w');
  const { problems } = JSON.parse((await here.placet('status', '--json')).stdout) as {
    problems: readonly string[];
  };
  assert.ok(problems.includes(String(trouble)));
});

test.run();
