import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { LoadResult } from './load.ts';
import type { Problem } from './positions.ts';

export interface WatchOptions {
  /** The folder of the policies. */
  readonly dir: string;
  readonly clock: Clock;
  readonly load: () => Promise<LoadResult>;
  /** The version of the policy that is in force; a result of this version is no change. */
  readonly version: string;
  /** A valid policy that differs from the last one, or that follows an invalid one. MUST NOT throw. */
  readonly onChange: (result: Extract<LoadResult, { readonly kind: 'ok' }>) => void;
  /** The files are wrong now; the last valid policy stays. Told once until they change. MUST NOT throw. */
  readonly onInvalid: (problems: readonly Problem[]) => void;
}

export interface PolicyWatch {
  /** Looks at once. Resolves when what stood in the folder when it was called has been told. */
  check(): Promise<void>;
  close(): void;
}

/** Editors write a file in several steps; what they do within this time is read once. */
const SETTLE_MS = 150;

/** Events can be lost (network folders, a folder that is replaced): look without one, too. */
const RECHECK_MS = 30_000;

/**
 * Follows the policy files. An event only says when to look: what counts is the files' content, so a missed,
 * late or repeated event does no harm.
 */
export function watchPolicy(options: WatchOptions): PolicyWatch {
  const { dir, clock, load, onChange, onInvalid } = options;
  let version = options.version;
  let invalid: string | undefined;
  let closed = false;
  let cancelSettle = (): void => undefined;
  let cancelRecheck = (): void => undefined;
  let watcher: FSWatcher | undefined;
  let checking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    const result = await load().catch(
      (error: unknown): LoadResult => ({
        kind: 'invalid',
        problems: [{ file: basename(dir), line: 1, column: 1, message: messageOf(error) }],
      }),
    );
    if (closed) return;
    if (result.kind === 'invalid') {
      const problems = JSON.stringify(result.problems);
      if (problems !== invalid) onInvalid(result.problems);
      invalid = problems;
    } else if (invalid !== undefined || result.policy.version !== version) {
      invalid = undefined;
      version = result.policy.version;
      onChange(result);
    }
  };
  const check = (): Promise<void> => (checking = checking.then(look));

  const settle = (): void => {
    cancelSettle();
    if (!closed) cancelSettle = clock.after(SETTLE_MS, () => void check());
  };
  const follow = (): void => {
    const before = watcher;
    watcher = watchFolder(dir, settle);
    before?.close();
  };
  const recheck = (): void => {
    cancelRecheck = clock.after(RECHECK_MS, () => {
      follow();
      void check();
      recheck();
    });
  };
  follow();
  recheck();
  return {
    check,
    close() {
      closed = true;
      cancelSettle();
      cancelRecheck();
      watcher?.close();
    },
  };
}

/** Nothing when the folder cannot be watched now: the next re-check tries again, and reads it meanwhile. */
function watchFolder(dir: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(dir, { persistent: false }, onEvent);
    // After an error no more events come; the re-check goes on without them.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
