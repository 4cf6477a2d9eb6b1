import type { z } from 'zod';
import type { VerificationLevel } from '../core/entry.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { type Agent, type People, type Person, sameHuman } from '../core/person.ts';
import { ownDelegates } from './absence.ts';
import { missingChannels } from './channels.ts';
import { ID, ID_HINT, listOf } from './fields.ts';
import { mistakes } from './mistakes.ts';
import { auditors, auditorMistakes } from './auditors.ts';
import { type Known, mistakenName } from './named.ts';
import { didYouMean } from './nearest.ts';
import type { Path, Problem, Source } from './positions.ts';
import {
  agentSchema,
  claimedGroupSchema,
  groupSchema,
  peopleFileSchema,
  personSchema,
} from './people-schema.ts';
import { sharedAccounts, sharedAddresses, sharedIdentities } from './shared.ts';
import { UNAVAILABLE } from './terms.ts';

export interface ReadPeople {
  /** As much of it as could be read; complete when there are no problems. */
  readonly people: People;
  /** Everything that was named, even where its entry has a mistake; nothing when the file cannot be read. */
  readonly known?: Known;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Channels that are not set up here. */
  readonly missing: readonly Problem[];
}

export interface PeopleOptions {
  /** How a decision can be verified in this workspace. */
  readonly verifications: readonly VerificationLevel[];
  /** The channels that are set up in it; nothing where that is not known. */
  readonly channels?: readonly string[];
}

/** Something of people.yaml, and where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly path: Path;
}

export interface Group {
  readonly name: string;
  readonly members: readonly string[];
  /** The group at the identity provider whose members belong to it, too. */
  readonly sso?: string;
}

/** Reads `people.yaml`: people, groups of them, and the agents that they own. */
export function readPeople(source: Source, { verifications, channels }: PeopleOptions): ReadPeople {
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
  for (const { value, members } of groups)
    value.members.forEach((id, i) => mustBePerson(id, [...members, i]));
  for (const { value, path } of people) {
    value.acts_for?.forEach((id, i) => mustBePerson(id, [...path, 'acts_for', i]));
    if (value.away) mustBePerson(value.away.to, [...path, 'away', 'to']);
  }
  for (const { value, path } of agents) mustBePerson(value.owner, [...path, 'owner']);
  problems.push(
    ...sharedAddresses(source, people),
    ...sharedIdentities(source, people),
    ...sharedAccounts(source, people),
    ...ownDelegates(source, people),
    ...chains(source, people),
  );
  problems.push(...auditorMistakes(source, { people, groups, agents }));
  const known = {
    people: ids,
    groups: Object.keys(raw['groups'] ?? {}),
    auditors: auditors(people).map(({ id }) => id),
  };
  const fallback = textsIn(raw['fallback']);
  fallback.forEach((name, i) => {
    const message = mistakenName(name, known);
    if (message) problems.push(source.problem(['fallback', i], message));
  });
  const solo = raw['solo'] === true;
  if (solo) problems.push(...soloMistakes(source, people, verifications));

  return {
    people: {
      people: people.map((person) => person.value),
      groups: Object.fromEntries(groups.map(({ value }) => [value.name, value.members])),
      ...claimsOf(groups),
      agents: agents.map(({ value }) => agentOf(value)),
      ...(fallback.length === 0 ? {} : { fallback }),
      ...(solo ? { solo } : {}),
    },
    ...(isJsonObject(source.value) ? { known } : {}),
    problems,
    warnings: [
      ...oneHumanTwice(source, people),
      ...idleClaims(source, groups, verifications),
      ...untold(source, people),
    ],
    missing: people.flatMap(({ value: { outcomes = [] }, path }) =>
      missingChannels(source, [...path, 'outcomes'], outcomes, channels),
    ),
  };
}

function agentOf({ id, owner, max_pending, cool_down }: z.infer<typeof agentSchema>): Agent {
  return {
    id,
    owner,
    ...(max_pending === undefined ? {} : { max_pending }),
    ...(cool_down === undefined ? {} : { cool_down_ms: cool_down }),
  };
}

/** Left out where no group is filled by claims, so that the digest of such a directory stays what it was. */
function claimsOf(groups: readonly Placed<Group>[]): Pick<People, 'group_claims'> {
  const claims = groups.flatMap(({ value }) => (value.sso === undefined ? [] : [[value.name, value.sso]]));
  return claims.length === 0 ? {} : { group_claims: Object.fromEntries(claims) };
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
): readonly (Placed<Group> & { readonly members: Path })[] {
  if (!isJsonObject(raw['groups'])) return [];
  return Object.entries(raw['groups']).flatMap(([name, members]) => {
    const path = ['groups', name];
    if (!ID.test(name)) problems.push(source.problemAtKey(path, `The name of a group ${ID_HINT}.`));
    const parsed = isJsonObject(members)
      ? claimedGroupSchema.safeParse(members, { reportInput: true })
      : groupSchema.safeParse(members, { reportInput: true });
    if (!parsed.success) {
      problems.push(...mistakes(source, path, parsed.error));
      return [];
    }
    const group = Array.isArray(parsed.data) ? { members: parsed.data } : parsed.data;
    return [
      { value: { name, ...group }, path, members: Array.isArray(parsed.data) ? path : [...path, 'members'] },
    ];
  });
}

/** The ids in a list as it was written, with nothing checked; an empty text where there is none. */
function idsIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) =>
    isJsonObject(item) && typeof item['id'] === 'string' ? item['id'] : '',
  );
}

/** The texts in a list, or one alone, with nothing else checked. */
function textsIn(value: unknown): readonly string[] {
  const list = listOf(value ?? []);
  return Array.isArray(list) ? list.filter((item: unknown) => typeof item === 'string') : [];
}

/** Owners who want to be told in Slack, where nothing says who they are. */
function untold(source: Source, people: readonly Placed<Person>[]): readonly Problem[] {
  return people.flatMap(({ value: { id, outcomes = [], slack }, path }) => {
    const i = outcomes.indexOf('slack');
    if (i < 0 || slack !== undefined) return [];
    return source.problem(
      [...path, 'outcomes', i],
      `${id} is told nothing in Slack: add slack with the id of their account.`,
    );
  });
}

/** `solo` is a person's word that there is nobody else, so the directory must not name anybody else. */
function soloMistakes(
  source: Source,
  people: readonly Placed<Person>[],
  verifications: readonly VerificationLevel[],
): readonly Problem[] {
  const [first, ...others] = people.map(({ value }) => value);
  const mistakes: string[] = [];
  const another = first && others.find((other) => !sameHuman(first, other));
  if (another) {
    mistakes.push(
      `solo is for a workspace with one human, but people names ${first.id} and ${another.id}; remove solo, and let another person than the owner approve.`,
    );
  }
  if (!verifications.includes('passkey')) {
    mistakes.push(
      `solo needs passkeys, which are not available here: ${UNAVAILABLE.passkey}, or remove solo.`,
    );
  }
  return mistakes.map((message) => source.problem(['solo'], message));
}

function idleClaims(
  source: Source,
  groups: readonly Placed<Group>[],
  verifications: readonly VerificationLevel[],
): readonly Problem[] {
  if (verifications.includes('sso')) return [];
  return groups.flatMap(({ value: { name, sso }, path }) =>
    sso === undefined
      ? []
      : source.problem(
          [...path, 'sso'],
          `The group ${name} is filled by single sign-on, which is not available here: ${UNAVAILABLE.sso}.`,
        ),
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
      `${link.id} shares a mailbox or sign-on with ${first.id} and another with ${stranger.id}, so the three are one human; make them one person.`,
    );
  });
}
