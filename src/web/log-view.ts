import { openCheckpoint } from '../tlog/checkpoint.ts';
import type { ServedCheckpoint, ServedLog } from './served-log.ts';
import type { LogView } from './views/console/checkpoint-section.ts';

/** The end of the year 9999, in seconds. */
const LATEST = 253_402_300_799;

/** What the console says of the log. Of cosignatures, those whose witnesses are known here and that are right. */
export function logView(served: ServedLog, root: string, entries: number): LogView {
  const newest = served.newest();
  const trouble = served.trouble?.();
  const stamp = served.stamp?.();
  return {
    root,
    key: served.key().vkey,
    newer: Math.max(0, entries - (newest?.size ?? 0)),
    ...(newest ? { checkpoint: shown(newest, served) } : {}),
    ...(served.stamp ? { stamps: stamp ? { last: stamp } : {} } : {}),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

function shown({ origin, size, root, at, note }: ServedCheckpoint, { witnesses }: ServedLog) {
  const { right } = openCheckpoint(note, witnesses);
  return {
    origin,
    size,
    hash: root.toString('base64'),
    signed_at: at,
    witnesses: witnesses.map(({ name, vkey }) => {
      const time = right.find(({ verifier }) => verifier.vkey === vkey)?.time;
      // A witness says what it likes; a time that no calendar has counts for nothing.
      const at = time !== undefined && time <= LATEST ? new Date(time * 1000).toISOString() : undefined;
      return { name, ...(at === undefined ? {} : { at }) };
    }),
  };
}
