import type { Passkey } from '../core/credentials.ts';
import { IdentityError } from '../core/errors.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import type { People } from '../core/person.ts';
import type { ApiKeys } from '../reviewers/api-keys.ts';
import type { Enrolment } from '../reviewers/enrolment.ts';
import type { Invited, PasskeysOfPeople, Revoked, RevokedApiKey } from './people-ops.ts';

/** What `placet people` asks of the host: invitations and keys, in the operator's name. */
export interface PeopleDesk {
  invite(person: string): Promise<Invited>;
  passkeys(): PasskeysOfPeople;
  revoke(person: string, credentialId: string | undefined): Promise<Revoked>;
  /** Revokes a key by which a program speaks for a person at the API. */
  revokeKey(person: string, keyId: string): Promise<RevokedApiKey>;
}

const OPERATOR = 'operator';

export function createPeopleDesk(options: {
  readonly enrolment: Enrolment;
  readonly apiKeys: Pick<ApiKeys, 'listOf' | 'revoke'>;
  readonly identities: () => IdentitiesView;
  readonly people: () => People;
  readonly publicUrl: string;
  /** Whether anything can be mailed. */
  readonly mails: () => boolean;
}): PeopleDesk {
  const { enrolment, apiKeys, identities, people, publicUrl, mails } = options;

  function invited(person: string): PasskeysOfPeople[number]['invited'] {
    const open = [...identities().invitations()].find(
      (invitation) => invitation.person === person && invitation.state === 'open',
    );
    if (!open) return 'no';
    if (open.needs_approval && open.approved_by === undefined) return 'waits_for_approval';
    return open.expires_at === undefined ? 'to_be_sent' : 'sent';
  }

  return {
    async invite(person) {
      if (!mails()) {
        throw new IdentityError(
          'no_mail_server',
          'Nobody was invited: no mail server is set. Set PLACET_SMTP_URL in .env, and end the host with "placet stop".',
        );
      }
      const { invitation, code } = await enrolment.invite(person, OPERATOR);
      return {
        person,
        name: people().people.find((each) => each.id === person)?.name ?? person,
        invitation: invitation.id,
        code,
        needs_approval: invitation.needs_approval,
        console_url: `${publicUrl}/console`,
      };
    },

    passkeys() {
      const holders = [...identities().passkeys()].map((key) => key.person);
      // Who is no longer in people.yaml may still have keys, which somebody should revoke.
      const ids = new Set([...people().people.map(({ id }) => id), ...holders]);
      return [...ids].map((id) => ({
        person: id,
        keys: identities().passkeysOf(id).map(listed),
        invited: invited(id),
      }));
    },

    async revoke(person, credentialId) {
      const keys = identities()
        .activePasskeysOf(person)
        .filter((key) => credentialId === undefined || key.id === credentialId);
      if (keys.length === 0) {
        throw new IdentityError(
          'unknown_passkey',
          `${person} has no ${credentialId === undefined ? 'passkey' : 'such passkey'} that could be revoked; "placet people list" shows them.`,
        );
      }
      for (const { id } of keys) {
        await enrolment.revoke({
          person,
          credential_id: id,
          by: OPERATOR,
          reason: 'Revoked with "placet people revoke".',
        });
      }
      return { person, revoked: keys.map(({ id, name }) => ({ credential_id: id, name })) };
    },

    async revokeKey(person, keyId) {
      const good = apiKeys.listOf(person).filter(({ state }) => state === 'good');
      const one = good.find(({ key }) => key.key_id === keyId);
      if (!one) {
        const ids = good.map(({ key }) => key.key_id);
        throw new IdentityError(
          'unknown_reviewer_key',
          `${person} has no key ${JSON.stringify(keyId)} that could be revoked; ${ids.length === 0 ? 'none of theirs holds' : `those that hold are ${ids.join(', ')}`}.`,
        );
      }
      await apiKeys.revoke({
        person,
        key_id: keyId,
        by: OPERATOR,
        reason: 'Revoked with "placet people revoke-key".',
      });
      return { person, key_id: keyId, name: one.key.name, left: good.length - 1 };
    },
  };
}

function listed(key: Passkey): PasskeysOfPeople[number]['keys'][number] {
  return {
    credential_id: key.id,
    name: key.name,
    algorithm: key.algorithm,
    backed_up: key.backed_up,
    enrolled_at: key.enrolled_at,
    ...(key.used_at === undefined ? {} : { used_at: key.used_at }),
    ...(key.revoked === undefined ? {} : { revoked_at: key.revoked.at }),
  };
}
