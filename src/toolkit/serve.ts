/** The process that serves a folder of guarded tools over stdio: `serve.js FOLDER`. */
import { readFileSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { messageOf } from '../core/errors.ts';
import * as placet from '../index.ts';
import { isToolFile } from './folder.ts';
import { createLoader } from './loader.ts';
import { oneLine, placeIn, type Problem } from './problem.ts';
import { createToolServer, type ToolServer } from './server.ts';
import { claimStdout } from './stdout.ts';
import { watchFolder } from './watch.ts';

const REST_MS = 100;
const DRAIN_MS = 10_000;

async function serve(folder: string): Promise<void> {
  const stdout = claimStdout();
  process.on('uncaughtException', (error) => {
    const place = placeIn(folder, error);
    const where = place ? `${place.file}, line ${place.line}` : 'a tool';
    say(`${where}: an error was left unhandled, so the tools' process ends: ${messageOf(error)}`);
    process.exit(1);
  });
  const connected = connect(folder, stdout);
  const stale = new Map<string, Problem>();
  // From the start, so that a change while the tools are loaded is not missed.
  watchFolder({
    folder,
    rest_ms: REST_MS,
    onChange: (names) => {
      for (const problem of staleAfter(names)) stale.set(problem.file, problem);
      connected
        .then(({ reload }) => reload([...stale.values()]))
        .catch((error: unknown) => say(messageOf(error)));
    },
    onError: (error) => say(`changes are not seen: ${messageOf(error)}`),
  });
  await connected;
}

async function connect(folder: string, stdout: Writable): Promise<ToolServer> {
  const toolServer = await createToolServer({
    folder,
    workspace: dirname(folder),
    version: version(),
    load: createLoader(placet),
    report: ({ file, message }) => say(`${file}: ${message}`),
  });
  const end = async (): Promise<void> => {
    setTimeout(() => process.exit(1), DRAIN_MS);
    await toolServer.drain();
    process.exit(0);
  };
  process.stdin.once('end', () => void end());
  // Nobody reads the answers any more, but other calls may still be under way.
  stdout.once('error', () => void end());
  Object.assign(toolServer.server, {
    onclose: () => void end(),
    onerror: (error: Error) => say(error.message),
  });
  await toolServer.server.connect(new StdioServerTransport(process.stdin, stdout));
  return toolServer;
}

/** Modules that are not TypeScript are Node's own affair, and it keeps them until the process ends. */
function staleAfter(names: ReadonlySet<string>): Problem[] {
  const message = 'changed, but only TypeScript is loaded anew: run `placet stop` to start with it';
  return [...names]
    .filter((file) => /\.(c?js|mjs|json)$/.test(file) && !isToolFile(file))
    .map((file) => ({ file, message }));
}

function say(text: string): void {
  try {
    writeSync(2, `placet tools: ${oneLine(text)}\n`);
  } catch {
    // Nobody reads standard error any more, and there is no other way to tell.
  }
}

function version(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { readonly version: string }).version;
}

const [, , folder] = process.argv;
if (folder === undefined) {
  say('give the folder that holds the tools');
  process.exitCode = 2;
} else {
  serve(resolve(folder)).catch((error: unknown) => {
    say(messageOf(error));
    process.exit(1);
  });
}
