import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';

const FILESYSTEM_SERVER = '@modelcontextprotocol/server-filesystem';

/**
 * The workspace that the demo runs: the repository itself in a clone; from an installed package a fresh copy of
 * its `mcp.json`, `policies/` and `tools/` in a temporary folder.
 */
export function demoWorkspace(): string {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve('../../package.json'));
  if (!root.includes(`${sep}node_modules${sep}`)) return realpathSync(root);
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'placet-demo-')));
  for (const name of ['policies', 'tools']) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  const server = dirname(require.resolve(`${FILESYSTEM_SERVER}/package.json`));
  const config = readFileSync(join(root, 'mcp.json'), 'utf8');
  writeFileSync(
    join(copy, 'mcp.json'),
    config.replaceAll(`node_modules/${FILESYSTEM_SERVER}`, server.replaceAll('\\', '/')),
  );
  return copy;
}
