import { statSync } from 'node:fs';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import spawn from 'cross-spawn';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { NotSent } from './failures.ts';
import { createLineLink } from './line-link.ts';
import type { Link, LinkEvents } from './link.ts';
import { readMessage } from './read-message.ts';
import type { ProcessConfig } from './servers.ts';
import { relayStderr } from './stderr-log.ts';

export interface ProcessLinkOptions {
  readonly config: ProcessConfig;
  /** What every process is given besides what its configuration names. */
  readonly environment: Readonly<Record<string, string>>;
  /** The longest message that is read, in bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** With so much unread by the process, whoever sends to it should wait. */
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;
/** What it wrote before it ended is still read for so long, should somebody else hold its output open. */
const AFTER_EXIT_MS = 500;
/** Between the end of its input, the request to end, and the end. */
const PATIENCE_MS = 2000;

/**
 * A downstream as a child process. It gets the few environment variables that are deemed safe, and what its
 * configuration names; nothing else of the host's.
 */
export function createProcessLink({ config, environment, maxBytes, clock, log }: ProcessLinkOptions): Link {
  let child: Child | undefined;
  let lines: Link | undefined;
  let gone: Promise<void> = Promise.resolve();
  let paused = false;

  /** Its output may be held open by a process that it started; what is not read for our own sake is waited for. */
  function closeLater(): void {
    clock.after(AFTER_EXIT_MS, () => {
      if (paused) closeLater();
      else void lines?.close();
    });
  }

  return {
    async start(events) {
      // Without this a missing folder is reported as a missing command.
      if (!statSync(config.cwd, { throwIfNoEntry: false })?.isDirectory()) {
        throw new NotSent(`its cwd ${config.cwd} is not a folder`);
      }
      const started = spawn(config.command, [...config.args], {
        env: { ...environment, ...config.env },
        cwd: config.cwd,
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
      }) as Child;
      child = started;
      gone = new Promise((resolve) => {
        started.once('close', () => resolve());
        started.once('error', () => resolve());
      });
      await new Promise<void>((resolve, reject) => {
        started.once('spawn', resolve);
        started.once('error', reject);
      });
      started.on('error', (error) => log(error.message));
      relayStderr(started.stderr, log);
      lines = createLineLink({
        input: started.stdout,
        output: started.stdin,
        maxBytes,
        maxBacklogBytes: MAX_BACKLOG_BYTES,
        read: readMessage,
        readTooLong: (id) => ({
          kind: 'trouble',
          what: `its answer is larger than ${maxBytes} bytes, which is the limit`,
          ...(id === undefined ? {} : { id }),
        }),
        atEnd: 'close',
      });
      await lines.start(inWordsOfAProcess(events));
      started.once('exit', closeLater);
    },

    send: (message, options) => lines?.send(message, options),
    backlog: () => lines?.backlog() ?? 0,
    pause() {
      paused = true;
      lines?.pause();
    },
    resume() {
      paused = false;
      lines?.resume();
    },

    async close() {
      if (!child) return;
      const process = child;
      paused = false;
      await lines?.close();
      const stopTerm = clock.after(PATIENCE_MS, () => process.kill('SIGTERM'));
      const stopKill = clock.after(2 * PATIENCE_MS, () => process.kill('SIGKILL'));
      await gone;
      stopTerm();
      stopKill();
    },
  };
}

function inWordsOfAProcess(events: LinkEvents): LinkEvents {
  return {
    ...events,
    failed: (message, error, sent) => {
      events.failed(message, sent ? error : new NotSent('its process has ended', { cause: error }), sent);
    },
  };
}
