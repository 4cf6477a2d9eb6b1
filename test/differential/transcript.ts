import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/workspace.ts';
import { openLineClient, type Happening, type LineClient } from './line-client.ts';
import { CAPABILITIES, fixedReplies } from './replies.ts';
import type { Script, Step } from './steps.ts';

/** What a client saw: of the handshake, and of each step with all that came in its course. */
export interface Transcript {
  readonly hello: string;
  readonly steps: readonly {
    readonly step: string;
    readonly happened: readonly Happening[];
  }[];
  /** Which lists were said to have changed after the first step, at whatever time and however often. */
  readonly changed: readonly string[];
}

/** How the server is started, the same for both sides. */
export function serverCommand(
  script: Script,
  folder: string,
): {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
} {
  const still = pathToFileURL(join(import.meta.dirname, 'still.mjs')).href;
  const program = join(ROOT, 'node_modules/@modelcontextprotocol', script.program);
  return {
    command: process.execPath,
    args: ['--import', still, program, ...(script.args?.(folder) ?? [])],
    env: script.env?.(folder) ?? {},
  };
}

/** Empties the server's folder and lays out its files. */
export function layOut(script: Script, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(script.files ?? {})) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Runs the script's steps one after another over this command line. @param folder the server's own */
export async function runScript(
  script: Script,
  folder: string,
  over: { readonly command: readonly [string, ...string[]]; readonly env: Readonly<Record<string, string>> },
): Promise<Transcript> {
  layOut(script, folder);
  const client = openLineClient({ ...over, reply: fixedReplies(pathToFileURL(folder).href) });
  const hello = await client.ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: CAPABILITIES,
    clientInfo: { name: 'still-client', version: '1' },
  });
  client.notify('notifications/initialized');
  const changed = new Set<string>();
  const steps: { step: string; happened: readonly Happening[] }[] = [];
  const results: unknown[] = [];
  let seen = client.happened.length;
  for (const [at, step] of script.steps(folder).entries()) {
    const params = typeof step.params === 'function' ? step.params(results) : step.params;
    results.push(await inTime(take(client, step, params, seen), () => client.happened.slice(seen), at, step));
    const happened = client.happened.slice(seen);
    seen = client.happened.length;
    // What a server adds while it starts, as it learns what the client can, Placet has listed by then.
    if (at > 0) for (const each of happened.filter(isListChange)) changed.add(each.method);
    steps.push({
      step: `${at} ${step.method} ${params === undefined ? '' : JSON.stringify(params)}`.trimEnd(),
      happened: lastAnswerOnly(
        happened.filter((each) => !isListChange(each)),
        step,
      ),
    });
  }
  await client.close();
  return settle({ hello: hello.result ?? '', steps, changed: [...changed].sort() }, folder);
}

const STEP_MS = 20_000;
const POLL_MS = 50;

/** Fails with what came where a step does not end. */
async function inTime<T>(
  work: Promise<T>,
  came: () => readonly Happening[],
  at: number,
  { method }: Step,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = globalThis.setTimeout(() => {
      reject(new Error(`Step ${at}, ${method}, does not end. What came: ${JSON.stringify(came())}`));
    }, STEP_MS);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** @returns the parsed result of the step's last answer */
async function take(
  client: LineClient,
  step: Step,
  params: object | undefined,
  seen: number,
): Promise<unknown> {
  const { others = 0, until } = step;
  let result: string | undefined;
  if (step.told) {
    client.notify(step.method, params);
  } else {
    for (;;) {
      ({ result } = await client.ask(step.method, params));
      if (until === undefined || result?.includes(until) === true) break;
      await setTimeout(POLL_MS);
    }
  }
  await client.until(
    (happened) =>
      happened.slice(seen).filter((each) => each.kind !== 'answer' && !isListChange(each)).length >= others,
  );
  return result === undefined ? undefined : JSON.parse(result);
}

function isListChange(each: Happening): each is Happening & { readonly method: string } {
  return each.kind === 'notification' && each.method.endsWith('/list_changed');
}

/** How often something was asked until it was so is a matter of time. */
function lastAnswerOnly(happened: readonly Happening[], step: Step): readonly Happening[] {
  return step.until === undefined ? happened : happened.filter((each) => each.kind === 'answer').slice(-1);
}

/** What depends on the time or the machine although the server's clock stands: its folder, and a file's times. */
function settle(transcript: Transcript, folder: string): Transcript {
  const text = JSON.stringify(transcript)
    .replaceAll(folder, '/FOLDER')
    .replaceAll(/(created|modified|accessed): \w{3} \w{3} \d\d \d{4} [^\\]*/g, '$1: TIME');
  return JSON.parse(text) as Transcript;
}
