import type { Clock } from '../core/clock.ts';
import type { PersonalReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import type { IdentitiesView, ReviewerAccessView } from '../core/ledger.ts';
import { isContradicted, personOfSignOn, sameHuman, type People, type Person } from '../core/person.ts';
import type { LinkedAccount } from '../core/reviewer-access.ts';
import { appendProven, type Append } from './append.ts';
import type { Seals } from './seal.ts';

/** An account in Slack. `name` and `domain` are what it and its workspace were called there: hostile text. */
export interface ForeignAccount {
  readonly team: string;
  readonly user: string;
  readonly name: string;
  readonly domain: string;
}

/** Accounts elsewhere that speak for people, where a rule admits it. */
export interface Accounts {
  /** A text for the address of the page on which whoever signs in can link this account. It holds for ten minutes. */
  seal(account: ForeignAccount): string;
  /** Nothing when it was not sealed here, or too long ago. */
  open(sealed: string): ForeignAccount | undefined;
  /** The accounts of a person, oldest first. */
  of(person: string): readonly LinkedAccount[];
  /** Whom an account speaks for; nothing where it is linked to nobody, or to somebody who is no longer listed. */
  personOf(account: Pick<ForeignAccount, 'team' | 'user'>): Person | undefined;
  /** Why this person cannot link this account, if so. */
  obstacle(person: string, account: Pick<ForeignAccount, 'team' | 'user'>): IdentityError | undefined;
  /**
   * Lets an account speak for a person, who has just proved who they are: the receipt is of the act `link_account`,
   * or of a sign-on of the last five minutes.
   *
   * @throws IdentityError `account_linked`, `account_of_another`, `unknown_person`, `sso_refused`, `sign_on_stale`,
   * `replayed`, `passkey_cloned`, …
   */
  link(options: {
    readonly person: string;
    readonly account: Pick<ForeignAccount, 'team' | 'user'>;
    readonly receipt: PersonalReceipt;
  }): Promise<void>;
  /** @throws IdentityError `unknown_account` */
  unlink(options: { readonly person: string; readonly team: string; readonly user: string }): Promise<void>;
}

const SEAL = 'foreign account';
const SEALED_MS = 10 * 60_000;
const SIGN_ON_MS = 5 * 60_000;
const SKEW_MS = 60_000;
const SEALED_MAX = 2000;

export function createAccounts(options: {
  readonly append: Append;
  readonly identities: () => IdentitiesView;
  readonly access: () => ReviewerAccessView;
  readonly people: () => People;
  readonly seals: Seals;
  readonly clock: Clock;
}): Accounts {
  const { access, people, seals, clock } = options;

  const listed = (id: string): Person | undefined => people().people.find((each) => each.id === id);

  const obstacle: Accounts['obstacle'] = (person, { team, user }) => {
    const holder = listed(person);
    if (!holder)
      return new IdentityError(
        'unknown_person',
        'You are no longer listed among the people of this workspace.',
      );
    const known = access().account(team, user);
    if (known)
      return new IdentityError(
        'account_linked',
        known.person === person
          ? 'This account speaks for you already.'
          : 'This account speaks for somebody else. Whoever that is has to unlink it first.',
      );
    if (!isContradicted(holder, user, people())) return undefined;
    return new IdentityError(
      'account_of_another',
      'people.yaml says that this account is not yours. If it is, ask whoever runs Placet to mend it there.',
    );
  };

  /** A sign-on proves who somebody is only where people.yaml says that the account is theirs. */
  const mustProve = (id: string, receipt: PersonalReceipt): void => {
    if (receipt.kind !== 'sso') return;
    const [holder, person] = [personOfSignOn(receipt, people()), listed(id)];
    if (!holder || !person || !sameHuman(holder, person))
      throw new IdentityError('sso_refused', 'The account that was signed in with is not linked to you.');
    const age = clock.now() - Date.parse(receipt.auth_time);
    if (age > SIGN_ON_MS + SKEW_MS || age < -SKEW_MS)
      throw new IdentityError('sign_on_stale', 'You signed in too long ago for this. Sign in again.');
  };

  return {
    seal: ({ team, user, name, domain }) =>
      seals.seal(SEAL, { team, user, name, domain }, clock.now() + SEALED_MS),
    open(sealed) {
      const opened = sealed.length > SEALED_MAX ? undefined : seals.open(SEAL, sealed);
      return opened !== undefined && isJsonObject(opened) ? (opened as unknown as ForeignAccount) : undefined;
    },
    of: (person) => access().accountsOf(person),
    personOf({ team, user }) {
      const linked = access().account(team, user);
      const holder = linked && listed(linked.person);
      return holder && isContradicted(holder, user, people()) ? undefined : holder;
    },
    obstacle,
    async link({ person, account, receipt }) {
      const against = obstacle(person, account);
      if (against) throw against;
      mustProve(person, receipt);
      const { team, user } = account;
      await appendProven(options, [
        { type: 'account.linked', person, channel: 'slack', team, user, receipt },
      ]);
    },
    async unlink({ person, team, user }) {
      if (access().account(team, user)?.person !== person)
        throw new IdentityError('unknown_account', 'You have no such account that is linked.');
      await appendProven(options, [
        {
          type: 'account.unlinked',
          person,
          channel: 'slack',
          team,
          user,
          by: person,
          reason: 'Unlinked by its owner in the console.',
        },
      ]);
    },
  };
}
