import { didYouMean } from './nearest.ts';

/** What lists of people may name. */
export interface Known {
  readonly people: readonly string[];
  readonly groups: readonly string[];
  /** Ids of those among the people who decide nothing. */
  readonly auditors: readonly string[];
}

const GROUP = 'group:';

/** Why nobody can be asked by this name, in a sentence; nothing where a person or, as `group:NAME`, a group is. */
export function mistakenName(name: string, known: Known): string | undefined {
  if (name.startsWith(GROUP)) {
    const group = name.slice(GROUP.length);
    if (known.groups.includes(group)) return undefined;
    return `people.yaml has no group ${group}${didYouMean(group, known.groups)}; add the group or correct the name.`;
  }
  if (known.auditors.includes(name)) return auditorMistake(name);
  if (known.people.includes(name)) return undefined;
  if (known.groups.includes(name)) return `${name} is a group; write ${GROUP}${name}.`;
  return `people.yaml has no person ${name}${didYouMean(name, known.people)}; add the person or correct the id.`;
}

/** Why an auditor cannot stand where somebody who decides has to. */
export function auditorMistake(id: string): string {
  return `${id} is an auditor, who decides nothing; name another person, or remove their role.`;
}
