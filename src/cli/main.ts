#!/usr/bin/env node
import { messageOf, PlacetError } from '../core/errors.ts';
import { programOf } from './program.ts';
import { readStdioOptions, runStdio } from './run-stdio.ts';

/** The pipe is started by every client and stays as long as it does: it loads nothing that it does not need. */
async function main([command, ...args]: readonly string[]): Promise<number | undefined> {
  const options = command === 'stdio' ? readStdioOptions(args) : undefined;
  if (options) return runStdio(options, programOf());
  const { runCommand } = await import('./commands.ts');
  return runCommand(process.argv.slice(2));
}

try {
  const code = await main(process.argv.slice(2));
  if (code !== undefined) process.exitCode = code;
} catch (error) {
  const code = error instanceof PlacetError ? ` [${error.code}]` : '';
  process.stderr.write(`placet: ${messageOf(error)}${code}\n`);
  if (process.argv.includes('--verbose') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}
