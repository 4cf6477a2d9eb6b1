import { isDeepStrictEqual } from 'node:util';
import { isMap, isSeq, parse, parseDocument } from 'yaml';
import { ConfigError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { didYouMean } from './nearest.ts';
import { insertItem, removeItem, type Splice, spliced } from './splice.ts';

export interface NewPerson {
  readonly id: string;
  readonly name: string;
  readonly emails: readonly string[];
  /** Names of groups that the person joins. */
  readonly groups: readonly string[];
}

/**
 * The text of people.yaml with one more person. Everything else stays as it was, character for character.
 *
 * @throws ConfigError `person_exists`, `unknown_group`, or `people_layout` where the file is written in a way that
 * cannot be edited like this
 */
export function addPerson(text: string, person: NewPerson): string {
  const file = readFile(text);
  if (file.ids.includes(person.id)) {
    throw new ConfigError(
      'person_exists',
      `people.yaml already has a person ${person.id}; choose another id.`,
    );
  }
  const strange = person.groups.find((group) => !Object.hasOwn(file.members, group));
  if (strange !== undefined) {
    const known = Object.keys(file.members);
    throw new ConfigError(
      'unknown_group',
      `people.yaml has no group ${strange}${didYouMean(strange, known)}; add the group to it first.`,
    );
  }
  const { id, name, emails } = person;
  const addresses = `[${emails.map(written).join(', ')}]`;
  const lines = [`id: ${written(id)}`, `name: ${written(name)}`, `emails: ${addresses}`];
  const groups = [...new Set(person.groups)];
  const edits = [
    insertItem(text, file.at(['people']), lines),
    ...groups.map((group) => insertItem(text, file.at(file.pathOf(group)), [written(id)])),
  ];
  return checked(text, edits, (was) => ({
    ...was,
    people: [...was.people, { id, name, emails }],
    members: Object.fromEntries(
      Object.entries(was.members).map(([group, members]) => [
        group,
        groups.includes(group) ? [...members, id] : members,
      ]),
    ),
  }));
}

/**
 * The text of people.yaml without a person, who with `groups` is taken out of every group, too. Everything else
 * stays as it was, character for character; what then names somebody who is gone is not mended.
 *
 * @throws ConfigError `unknown_person` or `people_layout`
 */
export function removePerson(text: string, id: string, options: { readonly groups: boolean }): string {
  const file = readFile(text);
  const index = file.ids.indexOf(id);
  if (index < 0) {
    throw new ConfigError(
      'unknown_person',
      `people.yaml has no person ${id}${didYouMean(id, file.ids)}; "placet people list" shows them.`,
    );
  }
  const left = options.groups
    ? Object.entries(file.members).filter(([, members]) => members.includes(id))
    : [];
  const edits = [
    removeItem(text, file.at(['people']), [index]),
    ...left.map(([group, members]) =>
      removeItem(
        text,
        file.at(file.pathOf(group)),
        members.flatMap((member, i) => (member === id ? [i] : [])),
      ),
    ),
  ];
  return checked(text, edits, (was) => ({
    ...was,
    people: was.people.filter((_, i) => i !== index),
    members: Object.fromEntries(
      Object.entries(was.members).map(([group, members]) => [
        group,
        options.groups ? members.filter((member) => member !== id) : members,
      ]),
    ),
  }));
}

/** What an edit may change, and the rest of the file. */
interface Content {
  readonly people: readonly unknown[];
  readonly members: Readonly<Record<string, readonly unknown[]>>;
  readonly rest: unknown;
}

function readFile(text: string) {
  const document = parseDocument(text);
  const { people, members } = contentOf(text);
  return {
    ids: people.map((person) =>
      isJsonObject(person) && typeof person['id'] === 'string' ? person['id'] : '',
    ),
    members,
    pathOf: (group: string): readonly string[] =>
      isMap(document.getIn(['groups', group], true)) ? ['groups', group, 'members'] : ['groups', group],
    at(path: readonly string[]) {
      const node = document.getIn(path, true);
      return isSeq(node) ? node : undefined;
    },
  };
}

function contentOf(text: string): Content {
  const value: unknown = parse(text);
  const { people, groups, ...rest } = isJsonObject(value) ? value : {};
  const written = Object.entries(isJsonObject(groups) ? groups : {});
  return {
    people: Array.isArray(people) ? people : [],
    members: Object.fromEntries(
      written.map(([name, group]) => {
        const members = isJsonObject(group) ? group['members'] : group;
        return [name, Array.isArray(members) ? members : []];
      }),
    ),
    rest: [rest, written.map(([name, group]) => [name, isJsonObject(group) ? group['sso'] : undefined])],
  };
}

/** The edited text, once it says what was meant and nothing else: anchors and odd layouts have many traps. */
function checked(
  text: string,
  edits: readonly (Splice | undefined)[],
  meant: (was: Content) => Content,
): string {
  const all = edits.filter((edit) => edit !== undefined);
  const after = spliced(text, all);
  if (all.length < edits.length || !isDeepStrictEqual(readBack(after), meant(contentOf(text)))) {
    throw new ConfigError(
      'people_layout',
      'people.yaml is written in a way that this command cannot edit without changing more; edit it by hand.',
    );
  }
  return after;
}

function readBack(text: string): Content | undefined {
  try {
    return contentOf(text);
  } catch {
    return undefined;
  }
}

/** A text as YAML, in a list in brackets or elsewhere. */
function written(text: string): string {
  const isPlain =
    /^[A-Za-z][A-Za-z0-9._@+-]*( [A-Za-z0-9._@+-]+)*$/.test(text) && (parse(text) as unknown) === text;
  return isPlain ? text : JSON.stringify(text);
}
