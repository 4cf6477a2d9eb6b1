import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { bareEnvironment } from '../environment.ts';
import { ConfigError, PlacetError } from '../core/errors.ts';
import { attach } from './attach.ts';
import type { Hello } from './hello.ts';
import { mustBeOurs, socketPath } from './socket-path.ts';

/** The first start of a new version reads the whole journal: a million entries take most of a minute. */
const START_LIMIT_MS = 180_000;
const POLL_MS = 25;
const RESTART_MS = 1000;
const LOG_LIMIT = 5 * 1024 * 1024;

/** Nobody listens there: no socket, or a stale one. */
export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function comesLater(error: unknown): boolean {
  return isAbsent(error) || (error instanceof PlacetError && error.code === 'host_ending');
}

/**
 * Attaches to the workspace's host and starts it, detached, when none runs. When two start at once the lock on
 * the data folder lets one win, and both end up on that one.
 *
 * @param program the command line of the `placet` program
 */
export async function attachOrStart(options: {
  readonly workspace: string;
  readonly hello: Hello;
  readonly program: readonly [string, ...string[]];
}): Promise<{ socket: Socket; data: unknown }> {
  const path = socketPath(options.workspace);
  mustBeOurs(path);
  try {
    return await attach(path, options.hello);
  } catch (error) {
    if (!comesLater(error)) throw error;
  }
  let host = startDetached(options.workspace, options.program);
  let startedAt = Date.now();
  for (const deadline = Date.now() + START_LIMIT_MS; ; ) {
    try {
      return await attach(path, options.hello);
    } catch (error) {
      if (!comesLater(error)) throw error;
      const failure = host.failure();
      // Another host may have won the race and still be starting: its socket is waited for.
      if (failure !== undefined && !failure.includes('[workspace_in_use]')) {
        throw new ConfigError('host_failed', `The host could not start. ${reasonIn(failure)}`, {
          cause: error,
        });
      }
      if (Date.now() > deadline) {
        throw new ConfigError(
          'host_silent',
          `The host did not answer within ${START_LIMIT_MS / 1000} s; ${host.log} may say why. If it still reads a long journal, try again later.`,
          { cause: error },
        );
      }
      // Or the one that holds the lock is ending: then it is this one's turn.
      if (failure !== undefined && Date.now() - startedAt > RESTART_MS) {
        host = startDetached(options.workspace, options.program);
        startedAt = Date.now();
      }
    }
    await pause(POLL_MS);
  }
}

/** Why a host could not start: the last error in its output, without the program's name and the error's code. */
export function reasonIn(output: string): string {
  const errors = [...output.matchAll(/^placet: ([^]*?) \[\w+\]$/gm)];
  return errors.at(-1)?.[1] ?? output.trim();
}

/**
 * A host has little to keep and much that passes through: without these V8 and glibc let it grow to twice as much memory.
 * The figures stand in docs/benchmarks.md.
 */
const LEAN = ['--max-semi-space-size=8', '--heap-growing-percent=20'];
const LEAN_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

function startDetached(
  workspace: string,
  [command, ...args]: readonly [string, ...string[]],
): { readonly log: string; failure(): string | undefined } {
  const folder = join(workspace, 'data', 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = join(folder, 'host.log');
  if (existsSync(log) && statSync(log).size > LOG_LIMIT) renameSync(log, `${log}.1`);
  const output = openSync(log, 'a', 0o600);
  const from = statSync(log).size;
  const child = spawn(command, [...LEAN, ...args, 'serve', '--detached', '--dir', workspace], {
    cwd: workspace,
    detached: true,
    env: { ...bareEnvironment(workspace), ...LEAN_ENVIRONMENT },
    stdio: ['ignore', output, output],
    windowsHide: true,
  });
  closeSync(output);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  return {
    log,
    failure: () => (ended ? readFileSync(log).subarray(from).toString('utf8') : undefined),
  };
}
