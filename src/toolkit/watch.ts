import { watch } from 'node:fs';

export interface WatchOptions {
  readonly folder: string;
  /** How long the folder must be at rest, in milliseconds. */
  readonly rest_ms: number;
  /** Given the names of the files that changed, as far as the system tells them. */
  readonly onChange: (names: ReadonlySet<string>) => void;
  readonly onError: (error: unknown) => void;
}

/** Watches the files of a folder, not those of its subfolders, for as long as the process runs. */
export function watchFolder(options: WatchOptions): void {
  let names = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const changed = (name: string | null): void => {
    if (name !== null) names.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => {
      options.onChange(names);
      names = new Set();
    }, options.rest_ms);
  };
  try {
    watch(options.folder, (_event, name) => changed(name)).on('error', options.onError);
  } catch (error) {
    // The folder is missing, or the system watches too much already.
    options.onError(error);
  }
}
