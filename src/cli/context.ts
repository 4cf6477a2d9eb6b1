import type { Command } from 'commander';
import { workspaceDir } from '../environment.ts';
import { programOf } from './program.ts';

/** Options that every command knows. */
export interface CommonOptions {
  readonly dir?: string;
  readonly json?: boolean;
}

/** What commands are given: how to find the workspace and how to call this program again. */
export interface CliContext {
  /** For commands that a person types: the current folder counts when it has `policies/`. */
  workspaceDir(options: CommonOptions): string;
  /** The command line that starts this very program. */
  readonly program: readonly [string, ...string[]];
  readonly version: string;
}

export type Register = (program: Command, context: CliContext) => void;

export function createContext(version: string): CliContext {
  return {
    workspaceDir: (options) => workspaceDir({ dir: options.dir, currentFolder: true }),
    program: programOf(),
    version,
  };
}

export function print(data: unknown): void {
  process.stdout.write(`${typeof data === 'string' ? data : JSON.stringify(data, null, 2)}\n`);
}
