import { fileURLToPath } from 'node:url';

/** How to start the MCP server that serves a folder of guarded tools: from `dist/` by Node, from `src/` by tsx. */
export function toolServerCommand(folder: string): { readonly command: string; readonly args: string[] } {
  const fromSource = import.meta.url.endsWith('.ts');
  const serve = new URL(fromSource ? './serve.ts' : './serve.js', import.meta.url);
  const loader = fromSource ? ['--import', import.meta.resolve('tsx')] : [];
  return { command: process.execPath, args: [...loader, fileURLToPath(serve), folder] };
}
