import type { ServedLog } from './served-log.ts';
import type { LogView } from './views/console/checkpoint-section.ts';

/** What the console says of the log. */
export function logView(served: ServedLog, root: string, entries: number): LogView {
  const newest = served.newest();
  const trouble = served.trouble?.();
  const stamp = served.stamp?.();
  return {
    root,
    key: served.key().vkey,
    newer: Math.max(0, entries - (newest?.size ?? 0)),
    ...(newest
      ? {
          checkpoint: {
            origin: newest.origin,
            size: newest.size,
            hash: newest.root.toString('base64'),
            signed_at: newest.at,
          },
        }
      : {}),
    witnesses: served.witnesses(),
    ...(served.stamp ? { stamps: stamp ? { last: stamp } : {} } : {}),
    ...(trouble === undefined ? {} : { trouble }),
  };
}
