import { constants } from 'node:fs';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { VerificationLevel } from '../core/entry.ts';
import { ConfigError, PlacetError } from '../core/errors.ts';
import { loadPolicy, PEOPLE, type LoadedPolicy } from './load.ts';
import type { Problem } from './positions.ts';

/**
 * Changes people.yaml, unless the policy would not load with the change. The file is replaced as a whole or not
 * at all.
 *
 * @param edit gives the new text for the old one
 * @returns the policy as it is now
 * @throws ConfigError `policy_invalid` when the policy does not load as it is, and what `edit` throws;
 * PlacetError `would_not_load` with every mistake that the change would make
 */
export async function changePeople(options: {
  /** The folder of the policies. */
  readonly dir: string;
  readonly verifications: readonly VerificationLevel[];
  readonly edit: (text: string) => string;
  /** A sentence for whoever is refused. */
  readonly hint?: string;
}): Promise<LoadedPolicy> {
  const { dir, verifications, edit, hint } = options;
  const now = await loadPolicy({ dir, verifications });
  if (now.kind === 'invalid') {
    throw new ConfigError(
      'policy_invalid',
      `The policy does not load as it is, so nothing was changed; mend it first.\n${sentences(now.problems)}`,
    );
  }
  const path = await realpath(join(dir, PEOPLE));
  const bytes = await readFile(path, 'utf8');
  const mark = bytes.startsWith('\ufeff') ? '\ufeff' : '';
  const people = mark + edit(bytes.slice(mark.length));
  const then = await loadPolicy({ dir, verifications, people });
  if (then.kind === 'invalid') {
    throw new PlacetError(
      'would_not_load',
      `Nothing was changed, because the policy would not load any more:\n${sentences(then.problems)}${hint === undefined ? '' : `\n${hint}`}`,
    );
  }
  await replace(path, bytes, people);
  return then.policy;
}

async function replace(path: string, before: string, after: string): Promise<void> {
  const { mode } = await stat(path);
  const beside = join(dirname(path), `.${PEOPLE}.new`);
  // Whoever changes it at the same time has this file; one that a crash left behind is told by name.
  const file = await open(beside, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode).catch(
    (cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new ConfigError(
        'people_busy',
        `Another command is changing people.yaml; if none is, remove ${beside}.`,
        { cause },
      );
    },
  );
  try {
    await file.writeFile(after);
    await file.chmod(mode & 0o777);
    await file.sync();
    await file.close();
    if ((await readFile(path, 'utf8')) !== before) {
      throw new ConfigError('people_busy', 'people.yaml was changed in the meantime; try again.');
    }
    await rename(beside, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(beside, { force: true });
    throw error;
  }
}

function sentences(problems: readonly Problem[]): string {
  return problems
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
    .join('\n');
}
