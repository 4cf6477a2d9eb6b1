import { join } from 'node:path';
import { loadSettings, verificationsOf } from '../config.ts';
import { ConfigError } from '../core/errors.ts';
import { attach, type Hello } from '../host/attach.ts';
import { attachOrStart, isAbsent } from '../host/launch.ts';
import { type PasskeysOfPeople, passkeysSchema } from '../host/people-ops.ts';
import { mustBeOurs, socketPath } from '../host/socket-path.ts';
import { type LoadedPolicy, loadPolicy } from '../policies/load.ts';
import { didYouMean } from '../policies/nearest.ts';
import type { CliContext, CommonOptions } from './context.ts';

/** @throws ConfigError `policy_invalid` with every mistake on a line of its own */
export async function policyOf(workspace: string): Promise<LoadedPolicy> {
  const verifications = verificationsOf(loadSettings(workspace, 'operator'));
  const result = await loadPolicy({ dir: join(workspace, 'policies'), verifications });
  if (result.kind === 'ok') return result.policy;
  const lines = result.problems.map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );
  throw new ConfigError('policy_invalid', `The policy does not load; mend it first.\n${lines.join('\n')}`);
}

/** The keys and invitations of people as a running host knows them; nothing when none runs. Starts none. */
export async function keysAtHost(workspace: string): Promise<PasskeysOfPeople | undefined> {
  const path = socketPath(workspace);
  mustBeOurs(path);
  try {
    const { socket, data } = await attach(path, { placet: 1, op: 'passkeys' });
    socket.destroy();
    return passkeysSchema.parse(data);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/**
 * Asks the workspace's host, over the owner's socket, and starts it when none runs.
 *
 * @throws ConfigError `unknown_person` before a host is started in vain to invite somebody
 */
export async function askHost(
  context: CliContext,
  options: CommonOptions,
  hello: Extract<Hello, { readonly op: 'invite' | 'revoke' }>,
): Promise<unknown> {
  const workspace = context.workspaceDir(options);
  if (hello.op === 'invite') {
    const ids = (await policyOf(workspace)).people.people.map((person) => person.id);
    if (!ids.includes(hello.person)) {
      throw new ConfigError(
        'unknown_person',
        `people.yaml has no person ${hello.person}${didYouMean(hello.person, ids)}; "placet people add" adds one.`,
      );
    }
  }
  const { socket, data } = await attachOrStart({ workspace, hello, program: context.program });
  socket.destroy();
  return data;
}
