/** The people of a workspace, as data. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** All of them reach this one human; the first is written to. */
  readonly emails: readonly string[];
  /** Accounts at identity providers that are this person's. */
  readonly sso?: readonly SignOnIdentity[];
  /** Ids of people on whose behalf this one acts: what an agent of this person asks for is asked for them, too. */
  readonly acts_for?: readonly string[];
  /** The id of their account in Slack, to which questions are sent. It decides nothing. */
  readonly slack?: string;
  /** By which channels they are told what became of their own agents' requests. */
  readonly outcomes?: readonly string[];
  /** While they are away, somebody else is asked in their place. */
  readonly away?: Away;
  /** When they are not to be asked, unless the request could not be decided without them. */
  readonly quiet?: QuietHours;
  /** They may read everything and decide nothing. */
  readonly role?: 'auditor';
}

export interface Away {
  /** RFC 3339, UTC. */
  readonly until: string;
  /** The id of the person who is asked. */
  readonly to: string;
}

/** Every day, by the clock of a place. Where `from` is later than `to` they go over midnight. */
export interface QuietHours {
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
  /** An IANA time zone. */
  readonly zone: string;
}

export interface SignOnIdentity {
  readonly issuer: string;
  readonly subject: string;
}

export interface Agent {
  readonly id: string;
  /** The id of the person on whose behalf it acts. */
  readonly owner: string;
  /** How many of its requests may be pending at once. Default 20. */
  readonly max_pending?: number;
  /** How long after a rejection it may not ask for the same tool again, doubled with each further one. Default a minute. */
  readonly cool_down_ms?: number;
}

export interface People {
  readonly people: readonly Person[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** The group at the identity provider whose members belong to a group of ours, by the name of ours. */
  readonly group_claims?: Readonly<Record<string, string>>;
  readonly agents: readonly Agent[];
  /** Ids of people and `group:NAME` who are asked when no channel reaches the reviewers of a request. */
  readonly fallback?: readonly string[];
  /** There is one human: the owner, who may approve their own agents' calls by passkey. */
  readonly solo?: true;
}

/** What an identity provider last said of a person's groups. `at` is RFC 3339, UTC. */
export interface SignOn {
  readonly person: string;
  readonly groups: readonly string[];
  readonly at: string;
}

/** Domains of one provider where one account has the same name on all, and what it ignores in that name. */
const PROVIDERS: readonly { readonly domains: readonly string[]; readonly ignored: RegExp }[] = [
  { domains: ['gmail.com', 'googlemail.com'], ignored: /\./g },
  { domains: ['proton.me', 'protonmail.com', 'protonmail.ch', 'pm.me'], ignored: /[._-]/g },
  { domains: ['icloud.com', 'me.com', 'mac.com'], ignored: /(?!)/g },
];

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
  const provider = PROVIDERS.find(({ domains }) => domains.includes(domain));
  return provider ? `${local.replaceAll(provider.ignored, '')}@${provider.domains[0]}` : `${local}@${domain}`;
}

/**
 * Whether two entries of the directory are the same human: the same id, or a mailbox or sign-on in common. It is
 * asked of two at a time, so a directory in which a third entry links two that have nothing in common does not load.
 */
export function sameHuman(a: Person, b: Person): boolean {
  if (a.id === b.id) return true;
  const mailboxes = new Set(a.emails.map(mailboxOf));
  if (b.emails.some((address) => mailboxes.has(mailboxOf(address)))) return true;
  return (a.sso ?? []).some((mine) => (b.sso ?? []).some((theirs) => sameIdentity(mine, theirs)));
}

function sameIdentity(a: SignOnIdentity, b: SignOnIdentity): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}

/** Whether people.yaml says that an account in Slack is not this person's: it names another of theirs, or it as another's. */
export function isContradicted(person: Person, user: string, { people }: People): boolean {
  if ((person.slack ?? user) !== user) return true;
  return people.some((each) => each.slack === user && !sameHuman(each, person));
}

/** Whether a person is an auditor, under whatever entry of the directory: they read everything and decide nothing. */
export function isAuditor(person: Person, { people }: Pick<People, 'people'>): boolean {
  return people.some((each) => each.role === 'auditor' && sameHuman(each, person));
}

/** The person whose account at an identity provider this is. */
export function personOfSignOn(identity: SignOnIdentity, { people }: People): Person | undefined {
  return people.find((person) => (person.sso ?? []).some((mine) => sameIdentity(mine, identity)));
}

/**
 * The directory with the groups that identity providers said people are in, where the group is mapped.
 *
 * @param since sign-ons before this are not believed any more; milliseconds since the epoch
 */
export function withSignOns(directory: People, signOns: Iterable<SignOn>, since = 0): People {
  const claims = Object.entries(directory.group_claims ?? {});
  if (claims.length === 0) return directory;
  const latest = new Map<string, SignOn>();
  for (const each of signOns) latest.set(each.person, each);
  const believed = [...latest.values()].filter(({ at }) => Date.parse(at) >= since);
  const groups: Record<string, readonly string[]> = { ...directory.groups };
  for (const [group, claim] of claims) {
    const claimed = believed.filter((each) => each.groups.includes(claim)).map((each) => each.person);
    groups[group] = [...new Set([...membersOf(group, directory), ...claimed])];
  }
  return { ...directory, groups };
}

/** Everyone on whose behalf an agent of this owner asks: the owner, whom the owner acts for, and so on. */
export function principals(ownerId: string, directory: People): readonly Person[] {
  const found = new Map<string, Person>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    const person = directory.people.find((each) => each.id === id);
    found.set(id, person ?? { id, name: id, emails: [] });
    if (!person) return;
    for (const other of person.acts_for ?? []) visit(other);
    // Another entry of the same human says whom that human acts for, too.
    for (const twin of directory.people) if (sameHuman(twin, person)) visit(twin.id);
  };
  visit(ownerId);
  return [...found.values()];
}

/**
 * The people whom a list of reviewers, of ids and `group:NAME`, stands for, in order, each once. Unknown names and
 * auditors are left out.
 */
export function expand(names: readonly string[], directory: People): readonly Person[] {
  const ids = new Set(
    names.flatMap((name) =>
      name.startsWith('group:') ? membersOf(name.slice('group:'.length), directory) : [name],
    ),
  );
  const found = [...ids].flatMap((id) => directory.people.find((person) => person.id === id) ?? []);
  return found.filter((person) => !isAuditor(person, directory));
}

function membersOf(group: string, { groups }: People): readonly string[] {
  return Object.hasOwn(groups, group) ? (groups[group] ?? []) : [];
}

/** Who may review an agent's call: one entry for each human, and those for whom the agent asks among `refused`. */
export interface Eligible {
  readonly reviewers: readonly Person[];
  /** People who were named but are the owner, or whom the owner acts for, under any entry of the directory. */
  readonly refused: readonly Person[];
  /** The owner is among the reviewers, being the only human. */
  readonly solo: boolean;
}

export function eligible(names: readonly string[], ownerId: string, directory: People): Eligible {
  const asking = principals(ownerId, directory);
  const owner = directory.people.find((each) => each.id === ownerId);
  const isOwner = (person: Person): boolean => owner !== undefined && sameHuman(person, owner);
  const reviewers: Person[] = [];
  const refused: Person[] = [];
  const alone = directory.solo === true && directory.people.every((each) => isOwner(each));
  let solo = false;
  for (const person of expand(names, directory)) {
    const isAsking = asking.some((each) => sameHuman(each, person));
    if (isAsking && !alone) refused.push(person);
    else if (!reviewers.some((other) => sameHuman(other, person))) {
      reviewers.push(person);
      solo ||= isAsking;
    }
  }
  return { reviewers, refused, solo };
}
