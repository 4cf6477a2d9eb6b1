import { didYouMean } from './nearest.ts';

/** What lists of people may name. */
export interface Known {
  readonly people: readonly string[];
  readonly groups: readonly string[];
}

const GROUP = 'group:';

/** Why nobody is called so, in a sentence; nothing where a person or, as `group:NAME`, a group is. */
export function unknownName(name: string, known: Known): string | undefined {
  if (name.startsWith(GROUP)) {
    const group = name.slice(GROUP.length);
    if (known.groups.includes(group)) return undefined;
    return `people.yaml has no group ${group}${didYouMean(group, known.groups)}; add the group or correct the name.`;
  }
  if (known.people.includes(name)) return undefined;
  if (known.groups.includes(name)) return `${name} is a group; write ${GROUP}${name}.`;
  return `people.yaml has no person ${name}${didYouMean(name, known.people)}; add the person or correct the id.`;
}
