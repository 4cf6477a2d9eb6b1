import type { Entry } from '../../core/entry.ts';
import type { Exception } from '../../core/evidence.ts';
import { AccessFold } from './access-fold.ts';
import type { Bounds } from './bounds.ts';
import { Exceptions } from './exceptions.ts';
import { Population } from './population.ts';
import type { Spill } from './spill.ts';
import { VersionFold } from './version-fold.ts';

/** Everything that a bundle tells of the entries, gathered as they come: each from the first on has to be taken. */
export interface Fold {
  /** @returns the exception that it is, if it is one and stands in the period */
  take(entry: Entry): Exception | undefined;
  readonly population: Population;
  readonly access: AccessFold;
  readonly versions: VersionFold;
}

export function createFold(bounds: Bounds, spill: Spill): Fold {
  const population = new Population({ from: bounds.from, spill });
  const exceptions = new Exceptions();
  const access = new AccessFold();
  const versions = new VersionFold();
  return {
    population,
    access,
    versions,
    take(entry) {
      const call = population.take(entry);
      access.take(entry);
      versions.take(entry);
      const exception = exceptions.take(entry, call);
      return entry.seq < bounds.from ? undefined : exception;
    },
  };
}
