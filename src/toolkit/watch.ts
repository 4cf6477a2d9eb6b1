import { watch } from 'node:fs';

export interface WatchOptions {
  readonly folder: string;
  /** How long the folder must be at rest, in milliseconds. */
  readonly rest_ms: number;
  /** Given the names of the files that changed, as far as the system tells them. */
  readonly onChange: (names: ReadonlySet<string>) => void;
  readonly onError: (error: Error) => void;
}

/** Watches the files of a folder, not those of its subfolders. Call the result to stop. */
export function watchFolder(options: WatchOptions): () => void {
  let names = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(options.folder, (_event, name) => {
    if (name !== null) names.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const changed = names;
      names = new Set();
      options.onChange(changed);
    }, options.rest_ms);
  });
  watcher.on('error', options.onError);
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
