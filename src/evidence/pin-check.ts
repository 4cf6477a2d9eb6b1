import type { Verifier } from '../tlog/note.ts';
import type { LogKeys } from './log-keys.ts';
import type { Problem } from './problems.ts';

/**
 * Whether the key that somebody noted elsewhere is one of this log's: its first, or one that followed by rotations.
 * What was signed before a key that was noted later is tied to it by the journal alone.
 */
export function checkPin(pin: Verifier, keys: LogKeys): Problem | undefined {
  if (keys.all.some(({ verifier }) => verifier.vkey === pin.vkey)) return undefined;
  const all = keys.all.map(({ verifier, from }) => `${verifier.vkey} from entry ${from} on`).join(', ');
  return {
    seq: keys.all[0]?.from ?? null,
    code: 'log_key',
    message: `The journal is not signed by the key ${pin.vkey}: ${all === '' ? 'it names no key at all' : `its keys are ${all}`}.`,
  };
}
