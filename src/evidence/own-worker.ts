import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * A worker of this room. From the sources it has to be told how to read TypeScript: on Node 20 it does not inherit that.
 *
 * @param name of its module, without an extension
 */
export function ownWorker(name: 'tree-worker' | 'examine-worker', options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, import.meta.url), options);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const entry = JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href);
  return new Worker(`import(${tsx}).then(({ register }) => { register(); return import(${entry}); });`, {
    ...options,
    eval: true,
    execArgv: [],
  });
}
