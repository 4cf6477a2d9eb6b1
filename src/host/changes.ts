import type { Entry } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Changes } from '../guard/context.ts';
import type { Fold } from '../journal/journal.ts';

/** The ledger as the journal's fold, telling everyone who subscribed of each entry that it took up. */
export function observedLedger(ledger: Ledger, log: Log): { readonly fold: Fold; readonly changes: Changes } {
  const listeners = new Set<(entry: Entry) => void>();
  return {
    fold: {
      admit: (entries) => ledger.admit(entries),
      apply(entry) {
        ledger.apply(entry);
        for (const listener of listeners) {
          try {
            listener(entry);
          } catch (error) {
            log(`Something failed on hearing of entry ${entry.seq}: ${messageOf(error)}`);
          }
        }
      },
      withdraw: () => ledger.withdraw(),
      version: (requestId) => ledger.version(requestId),
      save: () => ledger.save(),
      load: (state) => ledger.load(state as Parameters<Ledger['load']>[0]),
    },
    changes: {
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
}
