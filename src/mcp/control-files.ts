import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerConfig } from './servers.ts';

export interface ControlFileOptions {
  /** Absolute. */
  readonly workspace: string;
  /** The data folder where it is configured elsewhere; absolute. */
  readonly data?: string;
  readonly server: ServerConfig;
}

/**
 * Why a downstream must not be started: an argument, or its configured cwd, names a folder that contains the
 * workspace's control files, one of them itself, or something inside `policies/`, `data/` or `tools/`. Through such a
 * downstream an agent could write its own rules. A program's file elsewhere in the workspace is no folder
 * that contains them.
 *
 * @returns one sentence, or nothing when there is nothing against it
 */
export function controlFileBreach({ workspace, data, server }: ControlFileOptions): string | undefined {
  if (server.transport.kind !== 'process') return undefined;
  const { args, cwd, cwdIsConfigured, env } = server.transport;
  const root = real(workspace);
  const closed = [
    ...['policies', 'data', 'tools'].map((name) => join(workspace, name)),
    ...(data ? [data] : []),
  ];
  const control = [...closed, join(workspace, 'mcp.json'), join(workspace, '.env')].map(real);
  const closedFolders = closed.map(real);

  const reaches = (path: string): boolean => {
    const target = real(path);
    return (
      [root, ...control].some((file) => isWithin(file, target)) ||
      closedFolders.some((folder) => isWithin(target, folder))
    );
  };

  const names = (text: string): boolean => pathsIn(text).some((path) => reaches(resolve(cwd, path)));
  const arg = args.find(names);
  if (arg !== undefined) return breach(server.name, `the argument ${JSON.stringify(arg)}`);
  // A wrapped server gets its client's whole environment, which names all kinds of places.
  const variable =
    server.runs === undefined ? Object.entries(env).find(([, value]) => names(value)) : undefined;
  if (variable) return breach(server.name, `the variable ${variable[0]}`);
  return cwdIsConfigured && reaches(cwd) ? breach(server.name, `the cwd ${JSON.stringify(cwd)}`) : undefined;
}

function breach(name: string, what: string): string {
  return `The server ${name} is refused because ${what} reaches the workspace's control files (policies/, tools/, data/, mcp.json, .env); give it a folder of its own.`;
}

/** The paths that an argument can name: all of it, the value of a flag, and the parts of lists and commands. */
function pathsIn(arg: string): readonly string[] {
  const value = arg.slice(arg.indexOf('=') + 1);
  const parts = arg.split(/[\s=,:;'"`()[\]{}]+/).filter((part) => /[\\/]|^\.+$/.test(part));
  const glued = parts.map((part) => part.replace(/^-+\w+?(?=[\\/])/, ''));
  return [...new Set([arg, value, ...parts, ...glued])].flatMap((text) => {
    if (text === '') return [];
    if (!/^file:/i.test(text)) return [text];
    return URL.canParse(text) ? fromUrl(text) : [];
  });
}

function fromUrl(text: string): readonly string[] {
  try {
    return [fileURLToPath(text)];
  } catch {
    // A file URL with a host names nothing on this machine.
    return [];
  }
}

/** The path with its links resolved, also where its end does not exist yet. */
function real(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    // Whatever cannot be resolved is judged by what can be: the nearest folder above it.
    const parent = dirname(path);
    return parent === path ? path : join(real(parent), basename(path));
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^([A-Za-z]:|\\\\)/.test(way));
}
