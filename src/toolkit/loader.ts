import { createRequire } from 'node:module';
import { dirname, extname } from 'node:path';
import { createJiti } from 'jiti';
import * as zod from 'zod';
import * as zodMini from 'zod/mini';

/** Evaluates a module from its source and gives its default export. */
export type Loader = (file: string, source: string) => Promise<unknown>;

/**
 * Loads TypeScript and JavaScript without a build step, each time anew. `placet` and `zod` mean Placet's own, so
 * that a workspace needs no node_modules for them; every other package is looked for from the file.
 *
 * Nothing is cached on disk: a cache in a shared folder for temporary files could be written by others.
 */
export function createLoader(placet: object): Loader {
  const zodFolder = dirname(createRequire(import.meta.url).resolve('zod/package.json'));
  const options = {
    fsCache: false,
    moduleCache: false,
    tsconfigPaths: false,
    debug: false,
    interopDefault: true,
    // Keeps the lines of what was written, so that errors point at them.
    transformOptions: { retainLines: true },
    virtualModules: { placet, zod, 'zod/v4': zod, 'zod/mini': zodMini, 'zod/v4/mini': zodMini },
    alias: { zod: zodFolder },
  };
  return async (file, source) => {
    const module = await createJiti(file, options).evalModule(source, {
      id: file,
      filename: file,
      ext: extname(file),
      cache: {},
      async: true,
      // Or else Node itself would load a JavaScript module, once and for all.
      forceTranspile: true,
    });
    return (module as { readonly default?: unknown }).default;
  };
}
