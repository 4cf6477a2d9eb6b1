import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from './core/errors.ts';

const AGENT_KEY = 'PLACET_AGENT_KEY';

/** Where a new workspace goes: the named folder, else `PLACET_DIR`, else `~/.placet`. */
export function newWorkspaceDir(dir: string | undefined): string {
  return resolve(dir ?? process.env.PLACET_DIR ?? join(homedir(), '.placet'));
}

/** The folder of the workspace: `--dir`, else `PLACET_DIR`, else the current folder where allowed, else `~/.placet`. */
export function workspaceDir(options: {
  readonly dir?: string | undefined;
  /** Commands that a person types take the current folder when it has `policies/`; a client's never do. */
  readonly currentFolder: boolean;
}): string {
  const named = options.dir ?? process.env.PLACET_DIR;
  const dir =
    named !== undefined && named !== ''
      ? resolve(named)
      : options.currentFolder && existsSync('policies')
        ? process.cwd()
        : join(homedir(), '.placet');
  if (!existsSync(dir)) {
    throw new ConfigError(
      'no_workspace',
      `There is no workspace at ${dir}: make one with "placet init", or name another with --dir.`,
    );
  }
  return realpathSync(dir);
}

/** What a host that a client starts may see of that client's environment: the means to find programs. */
export function bareEnvironment(workspace: string): Record<string, string> {
  const kept = [
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'LANG',
    'SYSTEMROOT',
    'APPDATA',
    'LOCALAPPDATA',
    'USERPROFILE',
  ];
  const environment: Record<string, string> = { PLACET_DIR: workspace };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/** The few variables that a downstream is given unasked: those that the MCP SDK's client deems safe. */
export function safeEnvironment(): Record<string, string> {
  const windows = [
    'APPDATA',
    'HOMEDRIVE',
    'HOMEPATH',
    'LOCALAPPDATA',
    'PATH',
    'PROCESSOR_ARCHITECTURE',
    'SYSTEMDRIVE',
    'SYSTEMROOT',
    'TEMP',
    'USERNAME',
    'USERPROFILE',
    'PROGRAMFILES',
  ];
  const safe = process.platform === 'win32' ? windows : ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
  return Object.fromEntries(
    safe.flatMap((name) => {
      const value = process.env[name];
      // A function of a shell, which would be carried out by the next.
      return value === undefined || value.startsWith('()') ? [] : [[name, value]];
    }),
  );
}

/**
 * The environment of this process: what a wrapped command, or a host that an operator starts, is given. An agent's key
 * is for Placet alone.
 */
export function ownEnvironment(): Record<string, string> {
  const { [AGENT_KEY]: _, ...environment } = definedOnly(process.env);
  return environment;
}

/** The key by which the agent that started this process proves who it is. */
export function agentKey(): string | undefined {
  const key = process.env[AGENT_KEY];
  return key === '' ? undefined : key;
}

export function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
