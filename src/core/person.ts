/** The people of a workspace, as data. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** All of them reach this one human; the first is written to. */
  readonly emails: readonly string[];
}

export interface Agent {
  readonly id: string;
  /** The id of the person on whose behalf it acts. */
  readonly owner: string;
}

export interface People {
  readonly people: readonly Person[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly agents: readonly Agent[];
}

const DOTS_IGNORED = new Set(['gmail.com', 'googlemail.com']);

/**
 * The mailbox that an address reaches, for telling whether two addresses are one human's: lower case, without
 * a plus-suffix, and without dots where the provider ignores them.
 */
export function mailboxOf(address: string): string {
  const folded = address.normalize('NFKC').trim().toLowerCase();
  const at = folded.lastIndexOf('@');
  if (at < 0) return folded;
  const domain = folded.slice(at + 1);
  const local = folded.slice(0, at).split('+', 1)[0] ?? '';
  return DOTS_IGNORED.has(domain) ? `${local.replaceAll('.', '')}@gmail.com` : `${local}@${domain}`;
}

/**
 * Whether two entries of the directory are the same human: the same id, or a mailbox in common. It is asked of two
 * at a time, so a directory in which a third entry links two that have nothing in common does not load.
 */
export function sameHuman(a: Person, b: Person): boolean {
  if (a.id === b.id) return true;
  const mailboxes = new Set(a.emails.map(mailboxOf));
  return b.emails.some((address) => mailboxes.has(mailboxOf(address)));
}

/** The people whom a list of ids and `group:NAME` stands for, in order, each once. Unknown names are left out. */
export function expand(names: readonly string[], directory: People): readonly Person[] {
  const ids = new Set(
    names.flatMap((name) =>
      name.startsWith('group:') ? membersOf(name.slice('group:'.length), directory) : [name],
    ),
  );
  return [...ids].flatMap((id) => directory.people.find((person) => person.id === id) ?? []);
}

function membersOf(group: string, { groups }: People): readonly string[] {
  return Object.hasOwn(groups, group) ? (groups[group] ?? []) : [];
}

/** Who may review an agent's call: one entry for each human, and the agent's owner among `refused`. */
export interface Eligible {
  readonly reviewers: readonly Person[];
  /** People who were named but are the owner, under this or another entry of the directory. */
  readonly refused: readonly Person[];
}

export function eligible(names: readonly string[], ownerId: string, directory: People): Eligible {
  const owner = directory.people.find((person) => person.id === ownerId);
  const reviewers: Person[] = [];
  const refused: Person[] = [];
  for (const person of expand(names, directory)) {
    if (person.id === ownerId || (owner && sameHuman(person, owner))) refused.push(person);
    else if (!reviewers.some((other) => sameHuman(other, person))) reviewers.push(person);
  }
  return { reviewers, refused };
}
