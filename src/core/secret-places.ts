import { isJsonObject, type Json } from './json.ts';
import { partsOfMarked, type SecretMark } from './secret-marks.ts';

/** The marks in a value, each with the path to where it stands. */
export function marksIn(value: Json): readonly (SecretMark & { readonly path: readonly string[] })[] {
  const marks: (SecretMark & { readonly path: readonly string[] })[] = [];
  const take = (text: string, path: readonly string[]): void => {
    for (const part of partsOfMarked(text) ?? []) if (typeof part !== 'string') marks.push({ ...part, path });
  };
  const walk = (each: Json, path: readonly string[]): void => {
    if (typeof each === 'string') take(each, path);
    else if (Array.isArray(each))
      (each as readonly Json[]).forEach((item, i) => walk(item, [...path, `[${i}]`]));
    else if (isJsonObject(each)) {
      for (const [name, member] of Object.entries(each)) {
        take(name, path);
        walk(member, [...path, name]);
      }
    }
  };
  walk(value, []);
  return marks;
}

/** How long a name can be in the journal, which keeps it for ever. */
const NAME_MAX = 64;
const PATHS_MAX = 100;
/** Of all paths together: an entry is a line of 65,535 bytes at most. */
const PLACES_MAX = 16_384;
const PLACE_MAX = 256;

/**
 * Where the marks of a value stand, as the journal may say it: names that are not plain are written as `*`, for what an
 * agent writes there could not be erased.
 */
export function secretPlaces(value: Json): readonly string[] {
  const places = marksIn(value).map(({ path }) =>
    path.reduce((words, step) => {
      if (/^\[\d+\]$/.test(step)) return words + step;
      const name = /^[A-Za-z_$][\w$-]*$/.test(step) && step.length <= NAME_MAX ? step : '*';
      return words === '' ? name : `${words}.${name}`;
    }, ''),
  );
  let room = PLACES_MAX;
  return [...new Set(places.map(shortened))].slice(0, PATHS_MAX).filter((place) => {
    room -= place.length;
    return room >= 0;
  });
}

function shortened(place: string): string {
  return place.length <= PLACE_MAX
    ? place
    : `${place.slice(0, PLACE_MAX / 2)}…${place.slice(-PLACE_MAX / 2)}`;
}
