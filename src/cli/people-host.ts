import { join } from 'node:path';
import { loadSettings, verificationsOf } from '../config.ts';
import { ConfigError } from '../core/errors.ts';
import { attach } from '../host/attach.ts';
import { isAbsent } from '../host/launch.ts';
import { type PasskeysOfPeople, passkeysSchema } from '../host/people-ops.ts';
import { mustBeOurs, socketPath } from '../host/socket-path.ts';
import { type LoadedPolicy, loadPolicy } from '../policies/load.ts';
import { didYouMean } from '../policies/nearest.ts';

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

/** @throws ConfigError `unknown_agent` before a host is started in vain to issue a key to it */
export async function mustBeAgent(workspace: string, agent: string): Promise<void> {
  const ids = (await policyOf(workspace)).people.agents.map(({ id }) => id);
  if (ids.includes(agent)) return;
  throw new ConfigError(
    'unknown_agent',
    `people.yaml names no agent ${agent}${didYouMean(agent, ids)}; add it there, with its owner.`,
  );
}

/** @throws ConfigError `unknown_person` before a host is started in vain to invite somebody */
export async function mustBeListed(workspace: string, person: string): Promise<void> {
  const ids = (await policyOf(workspace)).people.people.map(({ id }) => id);
  if (ids.includes(person)) return;
  throw new ConfigError(
    'unknown_person',
    `people.yaml has no person ${person}${didYouMean(person, ids)}; "placet people add" adds one.`,
  );
}
