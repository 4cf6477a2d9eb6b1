import { type Person, sameHuman } from '../core/person.ts';
import type { Placed } from './people.ts';
import type { Problem, Source } from './positions.ts';

/** People who would stand in for themselves while they are away. */
export function ownDelegates(source: Source, people: readonly Placed<Person>[]): readonly Problem[] {
  return people.flatMap(({ value: person, path }) => {
    const delegate = people.find(({ value }) => value.id === person.away?.to)?.value;
    if (!delegate || !sameHuman(delegate, person)) return [];
    const who = delegate.id === person.id ? 'themselves' : `${delegate.id}, who is the same human`;
    return source.problem(
      [...path, 'away', 'to'],
      `${person.id} cannot be stood in for by ${who}; name another person.`,
    );
  });
}
