import { type Agent, isAuditor, type Person } from '../core/person.ts';
import { auditorMistake } from './named.ts';
import type { Group, Placed } from './people.ts';
import type { Path, Problem, Source } from './positions.ts';

/** Everybody who is an auditor, under whatever entry. */
export function auditors(people: readonly Placed<Person>[]): readonly Person[] {
  const all = { people: people.map(({ value }) => value) };
  return all.people.filter((person) => isAuditor(person, all));
}

/** Auditors who stand in people.yaml where somebody who decides, or acts, has to. */
export function auditorMistakes(
  source: Source,
  named: {
    readonly people: readonly Placed<Person>[];
    readonly groups: readonly (Placed<Group> & { readonly members: Path })[];
    readonly agents: readonly Placed<Pick<Agent, 'owner'>>[];
  },
): readonly Problem[] {
  const ids = auditors(named.people).map(({ id }) => id);
  if (ids.length === 0) return [];
  const problems: Problem[] = [];
  const mustNotBe = (id: string, path: Path, mistake: (id: string) => string): void => {
    if (ids.includes(id)) problems.push(source.problem(path, mistake(id)));
  };
  for (const { value, members } of named.groups)
    value.members.forEach((id, i) => mustNotBe(id, [...members, i], auditorMistake));
  for (const { value, path } of named.people) {
    value.acts_for?.forEach((id, i) => mustNotBe(id, [...path, 'acts_for', i], onWhoseBehalf));
    if (value.away) mustNotBe(value.away.to, [...path, 'away', 'to'], auditorMistake);
  }
  for (const { value, path } of named.agents) mustNotBe(value.owner, [...path, 'owner'], onWhoseBehalf);
  return problems;
}

function onWhoseBehalf(id: string): string {
  return `${id} is an auditor, on whose behalf no agent acts; name another person, or remove their role.`;
}
