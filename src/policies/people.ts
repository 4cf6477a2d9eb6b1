import type { z } from 'zod';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { type People, type Person, sameHuman } from '../core/person.ts';
import { mistakes } from './mistakes.ts';
import { didYouMean } from './nearest.ts';
import type { Path, Problem, Source } from './positions.ts';
import { agentSchema, groupSchema, ID, ID_HINT, peopleFileSchema, personSchema } from './schema.ts';

export interface ReadPeople {
  /** As much of it as could be read; complete when there are no problems. */
  readonly people: People;
  /** Everything that was named, even where its entry has a mistake; nothing when the file cannot be read. */
  readonly known?: Known;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface Known {
  readonly people: readonly string[];
  readonly groups: readonly string[];
}

interface Placed<T> {
  readonly value: T;
  readonly path: Path;
}

/** Reads `people.yaml`: people, groups of them, and the agents that they own. */
export function readPeople(source: Source): ReadPeople {
  const problems: Problem[] = [];
  const raw = isJsonObject(source.value) ? source.value : {};
  if (source.value !== undefined || source.problems.length === 0) {
    const file = peopleFileSchema.safeParse(source.value ?? {}, { reportInput: true });
    if (!file.success) problems.push(...mistakes(source, [], file.error));
  }
  const people = readList(source, 'people', raw, personSchema, problems);
  const agents = readList(source, 'agents', raw, agentSchema, problems);
  const groups = readGroups(source, raw, problems);

  const ids = idsIn(raw['people']);
  const mustBePerson = (id: string, path: Path): void => {
    if (ids.includes(id)) return;
    const hint = didYouMean(id, ids);
    problems.push(source.problem(path, `people has no ${id}${hint}; add the person or correct the id.`));
  };
  for (const { value, path } of groups) value.members.forEach((id, i) => mustBePerson(id, [...path, i]));
  for (const { value, path } of agents) mustBePerson(value.owner, [...path, 'owner']);
  problems.push(...sharedAddresses(source, people), ...chains(source, people));

  return {
    people: {
      people: people.map((person) => person.value),
      groups: Object.fromEntries(groups.map(({ value }) => [value.name, value.members])),
      agents: agents.map((agent) => agent.value),
    },
    ...(isJsonObject(source.value)
      ? { known: { people: ids, groups: Object.keys(raw['groups'] ?? {}) } }
      : {}),
    problems,
    warnings: oneHumanTwice(source, people),
  };
}

function readList<T>(
  source: Source,
  key: 'people' | 'agents',
  raw: JsonObject,
  schema: z.ZodType<T>,
  problems: Problem[],
): readonly Placed<T>[] {
  const list: unknown = raw[key];
  if (!Array.isArray(list)) return [];
  idsIn(list).forEach((id, i, ids) => {
    if (id === '' || ids.indexOf(id) === i) return;
    problems.push(
      source.problem([key, i, 'id'], `The id ${id} stands a second time in ${key}; give each its own.`),
    );
  });
  return list.flatMap((item: unknown, i) => {
    const parsed = schema.safeParse(item, { reportInput: true });
    if (parsed.success) return [{ value: parsed.data, path: [key, i] }];
    problems.push(...mistakes(source, [key, i], parsed.error));
    return [];
  });
}

function readGroups(
  source: Source,
  raw: JsonObject,
  problems: Problem[],
): readonly Placed<{ readonly name: string; readonly members: readonly string[] }>[] {
  if (!isJsonObject(raw['groups'])) return [];
  return Object.entries(raw['groups']).flatMap(([name, members]) => {
    const path = ['groups', name];
    if (!ID.test(name)) problems.push(source.problemAtKey(path, `The name of a group ${ID_HINT}.`));
    const parsed = groupSchema.safeParse(members, { reportInput: true });
    if (parsed.success) return [{ value: { name, members: parsed.data }, path }];
    problems.push(...mistakes(source, path, parsed.error));
    return [];
  });
}

/** The ids in a list as it was written, with nothing checked; an empty text where there is none. */
function idsIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) =>
    isJsonObject(item) && typeof item['id'] === 'string' ? item['id'] : '',
  );
}

function sharedAddresses(source: Source, people: readonly Placed<Person>[]): readonly Problem[] {
  const holders = new Map<string, string>();
  return people.flatMap(({ value: person, path }) =>
    person.emails.flatMap((address, i) => {
      const folded = address.toLowerCase();
      const holder = holders.get(folded) ?? person.id;
      holders.set(folded, holder);
      if (holder === person.id) return [];
      return source.problem(
        [...path, 'emails', i],
        `${address} already belongs to ${holder}; an address reaches one person only.`,
      );
    }),
  );
}

function oneHumanTwice(source: Source, people: readonly Placed<Person>[]): readonly Problem[] {
  return people.flatMap(({ value: person, path }, i) => {
    const twin = people.slice(0, i).find((other) => sameHuman(other.value, person));
    if (!twin) return [];
    return source.problem(
      path,
      `${person.id} and ${twin.value.id} have a mailbox in common, so they count as one human in every quorum.`,
    );
  });
}

/**
 * Whether two people are one human is asked of two at a time, so where a second one links a first and a third
 * that have nothing in common themselves, the three have to be written as one.
 */
function chains(source: Source, people: readonly Placed<Person>[]): readonly Problem[] {
  return people.flatMap(({ value: link, path }) => {
    const kin = people
      .map((other) => other.value)
      .filter((other) => other !== link && sameHuman(other, link));
    const [first, ...others] = kin;
    const stranger = first && others.find((other) => !sameHuman(first, other));
    if (!stranger) return [];
    return source.problem(
      path,
      `${link.id} shares a mailbox with ${first.id} and another with ${stranger.id}, so the three are one human; make them one person.`,
    );
  });
}
