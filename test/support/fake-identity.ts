import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { challengeOf } from '../../src/core/challenge.ts';
import { timestamp, type Clock } from '../../src/core/clock.ts';
import { sha256 } from '../../src/core/digest.ts';
import { DecisionError, IdentityError, LimitError } from '../../src/core/errors.ts';
import type { Random } from '../../src/core/ids.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Ledger } from '../../src/core/ledger.ts';
import { linkDigest } from '../../src/core/link.ts';
import type { People } from '../../src/core/person.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { Enrolment } from '../../src/reviewers/enrolment.ts';
import type { LimitKind, Limits } from '../../src/reviewers/limits.ts';
import type { Passkeys } from '../../src/reviewers/passkeys.ts';
import type { Seals } from '../../src/reviewers/seal.ts';
import type { LiveSession, Sessions } from '../../src/reviewers/sessions.ts';

/** Strict fakes of how people are known, over a real ledger. Never used outside tests. */
interface Base {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly people: () => People;
}

export function fakeSeals(clock: Clock): Seals {
  const mac = (body: string) => createHmac('sha256', 'a key for tests').update(body).digest('base64url');
  return {
    seal(purpose, value, expiresAt) {
      const body = Buffer.from(JSON.stringify({ purpose, value, expiresAt })).toString('base64url');
      return `${body}_${mac(body)}`;
    },
    open(purpose, sealed) {
      const body = sealed.slice(0, -44);
      const given = Buffer.from(sealed.slice(-43));
      const right = Buffer.from(mac(body));
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const opened = JSON.parse(Buffer.from(body, 'base64url').toString());
      return opened.purpose === purpose && opened.expiresAt > clock.now() ? opened.value : undefined;
    },
  };
}

/** A text of what a browser sent. */
function text(from: JsonObject, name: string): string {
  const value = from[name];
  return typeof value === 'string' ? value : '';
}

const ALLOWED: Readonly<Record<LimitKind, number>> = {
  link: 10,
  confirm: 5,
  sign_in: 10,
  code: 10,
  api: 300,
};

export function fakeLimits(): Limits {
  const counts = new Map<string, number>();
  const refuse = () => {
    throw new LimitError('There were too many tries. Wait a minute.', 60);
  };
  return {
    async check(kind, key) {
      if ((counts.get(`${kind} ${key}`) ?? 0) >= ALLOWED[kind]) refuse();
    },
    async count(kind, key) {
      const count = (counts.get(`${kind} ${key}`) ?? 0) + 1;
      counts.set(`${kind} ${key}`, count);
      if (count > ALLOWED[kind]) refuse();
    },
  };
}

const SESSION_MS = 12 * 60 * 60 * 1000;

export function fakeSessions({ journal, ledger, clock, random, people }: Base): Sessions {
  const used = new Map<string, string>();
  const live = (sha: string): LiveSession | undefined => {
    const session = ledger.identities.session(sha);
    const holder = people().people.find((person) => person.id === session?.person);
    if (!session || !holder || Date.parse(session.expires_at) <= clock.now()) return undefined;
    return { ...session, holder, used_at: used.get(sha) ?? session.opened_at };
  };
  return {
    async open({ person, receipt, replaces }) {
      const token = Buffer.from(random(32)).toString('base64url');
      const expires_at = timestamp(clock, SESSION_MS);
      const old = replaces === undefined ? undefined : ledger.identities.session(sha256(replaces));
      try {
        await journal.append([
          ...(old
            ? [
                {
                  type: 'session.closed',
                  session_sha256: old.sha256,
                  person: old.person,
                  by: old.person,
                } as const,
              ]
            : []),
          { type: 'session.opened', session_sha256: sha256(token), person, expires_at, receipt },
        ]);
      } catch (error) {
        throw new IdentityError((error as { code?: string }).code ?? '', (error as Error).message);
      }
      return { token, expires_at };
    },
    find(token) {
      const session = live(sha256(token));
      if (session) used.set(session.sha256, timestamp(clock));
      return session;
    },
    listOf: (person) => ledger.identities.sessionsOf(person).flatMap(({ sha256: sha }) => live(sha) ?? []),
    async close({ sha256: sha, person }) {
      if (ledger.identities.session(sha)?.person !== person)
        throw new IdentityError('unknown_session', 'There is no such session.');
      await journal.append([{ type: 'session.closed', session_sha256: sha, person, by: person }]);
    },
  };
}

/** Ed25519 alone. */
export function fakePasskeys(origin: string): Passkeys {
  const refused = (why: string) => new DecisionError('passkey_refused', why);
  const clientOf = (response: JsonObject, type: string, challenge: string): Buffer => {
    const bytes = Buffer.from(text(response, 'clientDataJSON'), 'base64url');
    const client = JSON.parse(bytes.toString());
    if (client.type !== type || client.challenge !== challenge || client.origin !== origin)
      throw refused('Something else was signed.');
    return bytes;
  };
  return {
    rpId: 'localhost',
    registrationOptions: async ({ person, nonce, exclude }) => ({
      challenge: challengeOf({ act: 'enrol', person: person.id, nonce }),
      rp: { id: 'localhost', name: 'Placet' },
      user: { id: Buffer.from(person.id).toString('base64url'), name: person.id, displayName: person.name },
      pubKeyCredParams: [{ type: 'public-key', alg: -8 }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: exclude.map(({ id }) => ({ id, type: 'public-key' })),
    }),
    async verifyRegistration({ person, nonce, response }) {
      const inner = response['response'] as JsonObject;
      clientOf(inner, 'webauthn.create', challengeOf({ act: 'enrol', person: person.id, nonce }));
      // The key is the last thing in what the software authenticator attests.
      const key = Buffer.from(text(inner, 'attestationObject'), 'base64url').subarray(-42);
      return {
        credential_id: text(response, 'id'),
        public_key: key.toString('base64url'),
        algorithm: -8,
        sign_count: 0,
        transports: ['internal'],
        backed_up: true,
        rp_id: 'localhost',
      };
    },
    assertionOptions: ({ challenge, allow }) => ({
      challenge,
      rpId: 'localhost',
      userVerification: 'required',
      allowCredentials: allow.map(({ id, transports }) => ({
        id,
        type: 'public-key',
        transports: [...transports],
      })),
    }),
    async verifyAssertion({ assertion, challenge, nonce, passkey }) {
      const inner = assertion['response'] as JsonObject;
      const client = clientOf(inner, 'webauthn.get', challenge);
      const data = Buffer.from(text(inner, 'authenticatorData'), 'base64url');
      const signature = Buffer.from(text(inner, 'signature'), 'base64url');
      const x = Buffer.from(passkey.public_key, 'base64url').subarray(-32).toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      if (!verify(null, signed, key, signature)) throw refused('The signature is not of this passkey.');
      if (((data[32] ?? 0) & 0x05) !== 0x05) throw refused('The user was not verified.');
      return {
        kind: 'passkey',
        credential_id: passkey.id,
        nonce,
        authenticator_data: data.toString('base64url'),
        client_data: client.toString('base64url'),
        signature: signature.toString('base64url'),
        sign_count: data.readUInt32BE(33),
      };
    },
  };
}

const CODE = 'ABCD-EFGH';

export function fakeEnrolment(base: Base, passkeys: Passkeys): Enrolment {
  const { journal, ledger, clock, random, people } = base;
  const personOf = (id: string) => {
    const person = people().people.find((each) => each.id === id);
    if (!person) throw new IdentityError('unknown_person', `There is no person ${id}.`);
    return person;
  };
  const view = (token: string) => {
    const invitation = ledger.identities.invitationOfLink(linkDigest(token));
    if (!invitation) throw new IdentityError('link_unknown', 'No invitation has this link.');
    if (invitation.state !== 'open' || Date.parse(invitation.expires_at ?? '') <= clock.now())
      throw new IdentityError('invitation_over', 'This invitation is spent or has expired.');
    return { invitation, person: personOf(invitation.person) };
  };
  const ready = (token: string, code: string) => {
    const found = view(token);
    if (sha256(code) !== found.invitation.code_digest)
      throw new IdentityError('code_wrong', 'The code is not that of this invitation.');
    return found;
  };
  return {
    async invite(id, by) {
      const { id: person } = personOf(id);
      const invitation = `inv_${Buffer.from(random(10)).toString('hex')}`;
      const needs_approval = ledger.identities.hasEnrolled(person);
      await journal.append([
        { type: 'passkey.invited', invitation, person, by, code_digest: sha256(CODE), needs_approval },
      ]);
      const made = ledger.identities.invitation(invitation);
      if (!made) throw new Error('The invitation was not taken up.');
      return { invitation: made, code: CODE };
    },
    awaiting: (approver) =>
      [...ledger.identities.invitations()]
        .filter((each) => each.state === 'open' && each.needs_approval && each.approved_by === undefined)
        .filter((each) => each.person !== approver)
        .map((each) => ({ ...each, name: personOf(each.person).name })),
    async approve({ invitation, by, receipt }) {
      await journal.append([{ type: 'passkey.invitation_approved', invitation, by, receipt }]);
    },
    view,
    async begin({ token, code, nonce }) {
      const { person } = ready(token, code);
      return passkeys.registrationOptions({ person, nonce, exclude: [] });
    },
    async complete({ token, code, nonce, name, response }) {
      const { person, invitation } = ready(token, code);
      const key = await passkeys.verifyRegistration({ person, nonce, response });
      await journal.append([
        { type: 'passkey.enrolled', person: person.id, name, invitation: invitation.id, ...key },
      ]);
      const passkey = ledger.identities.passkey(key.credential_id);
      if (!passkey) throw new Error('The passkey was not taken up.');
      return passkey;
    },
    async beginMore({ person, nonce }) {
      const exclude = ledger.identities.activePasskeysOf(person);
      return passkeys.registrationOptions({ person: personOf(person), nonce, exclude });
    },
    async addMore({ person, receipt, nonce, name, response }) {
      if (receipt.kind !== 'passkey') throw new IdentityError('passkey_refused', 'A passkey has to sign.');
      const key = await passkeys.verifyRegistration({ person: personOf(person), nonce, response });
      await journal.append([{ type: 'passkey.enrolled', person, name, receipt, ...key }]);
      const passkey = ledger.identities.passkey(key.credential_id);
      if (!passkey) throw new Error('The passkey was not taken up.');
      return passkey;
    },
    async revoke({ person, credential_id, by, reason, receipt }) {
      await journal.append([
        { type: 'passkey.revoked', person, credential_id, by, reason, ...(receipt ? { receipt } : {}) },
      ]);
    },
  };
}
