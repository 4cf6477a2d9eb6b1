import type { People } from '../core/person.ts';
import { revealedLine } from '../core/reveal.ts';
import type { PasskeysOfPeople } from '../host/people-ops.ts';

type Keys = PasskeysOfPeople[number];

/** What `placet people list --json` prints. */
export interface ListedPeople {
  readonly people: readonly ListedPerson[];
  /** Whether a host answered; without one, keys and invitations are not known. */
  readonly host: boolean;
  /** Those who have passkeys and are not in people.yaml. */
  readonly gone: readonly Keys[];
}

interface ListedPerson {
  readonly id: string;
  readonly name: string;
  readonly emails: readonly string[];
  readonly sso: readonly { readonly issuer: string; readonly subject: string }[];
  readonly acts_for: readonly string[];
  readonly groups: readonly string[];
  /** Agents that they own. */
  readonly agents: readonly string[];
  readonly keys?: Keys['keys'];
  readonly invited?: Keys['invited'];
}

const INVITED: Readonly<Record<Keys['invited'], string>> = {
  no: '',
  waits_for_approval: 'an invitation waits for a second person to approve it in the console',
  to_be_sent: 'an invitation is being sent',
  sent: 'an invitation was sent',
};

export function listed(directory: People, known: PasskeysOfPeople | undefined): ListedPeople {
  const { people, groups, agents } = directory;
  return {
    people: people.map(({ id, name, emails, sso = [], acts_for = [] }) => {
      const keys = known?.find((each) => each.person === id);
      return {
        id,
        name,
        emails,
        sso,
        acts_for,
        groups: Object.keys(groups).filter((group) => groups[group]?.includes(id)),
        agents: agents.filter((agent) => agent.owner === id).map((agent) => agent.id),
        ...(keys ? { keys: keys.keys, invited: keys.invited } : {}),
      };
    }),
    host: known !== undefined,
    gone: (known ?? []).filter(
      ({ person, keys }) => keys.length > 0 && !people.some(({ id }) => id === person),
    ),
  };
}

export function renderList({ people, host, gone }: ListedPeople): string {
  return [
    ...people.flatMap((person) => [
      `${person.id}  ${revealedLine(person.name)}  ${person.emails.join(', ')}`,
      ...line('groups', person.groups),
      ...line('owns the agents', person.agents),
      ...line('acts for', person.acts_for),
      ...person.sso.map(({ issuer, subject }) => `  signs on as ${revealedLine(subject)} of ${issuer}`),
      ...(person.keys ?? []).map(keyLine),
      ...(host && (person.keys ?? []).length === 0 ? ['  no passkey'] : []),
      ...(person.invited === undefined || person.invited === 'no' ? [] : [`  ${INVITED[person.invited]}`]),
    ]),
    ...gone.flatMap(({ person, keys }) => [`${person}  is not in people.yaml`, ...keys.map(keyLine)]),
    ...(host ? [] : ['No host runs, so passkeys and invitations are not shown.']),
  ].join('\n');
}

function line(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`  ${what}: ${names.join(', ')}`];
}

/** The name is the person's own, and their browser's word for where the key is kept. */
function keyLine(key: Keys['keys'][number]): string {
  const used = key.used_at === undefined ? 'never used' : `last used ${key.used_at}`;
  const state = key.revoked_at === undefined ? used : `REVOKED ${key.revoked_at}`;
  return `  passkey "${revealedLine(key.name)}", enrolled ${key.enrolled_at}, ${state}: ${key.credential_id}`;
}
