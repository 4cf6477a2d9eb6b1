import { isOver } from '../core/agent-keys.ts';
import { timestamp, type Clock } from '../core/clock.ts';
import { sha256 } from '../core/digest.ts';
import type { PersonalReceipt } from '../core/entry.ts';
import { IdentityError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { IdentitiesView, ReviewerAccessView } from '../core/ledger.ts';
import { isAuditor, type People, type Person } from '../core/person.ts';
import { REVIEWER_KEY_PREFIX, type ReviewerKey } from '../core/reviewer-access.ts';
import { appendProven, identityErrorOf, type Append } from './append.ts';

/** A key that was just made. `key` is told here and nowhere else. */
export interface MadeApiKey {
  readonly key: string;
  readonly key_id: string;
  /** RFC 3339, UTC. */
  readonly expires_at: string;
}

export type ApiKeyState = 'good' | 'expired' | 'revoked';

/** Whose key it is. */
export interface KeyHolder {
  readonly key: ReviewerKey;
  readonly holder: Person;
}

/** The keys by which people's own programs speak for them at the API. */
export interface ApiKeys {
  /**
   * Makes a key for someone who has just proved who they are.
   *
   * @throws IdentityError `unknown_person`, `auditor`, `too_many_keys`, `key_time`, and those of a receipt
   */
  issue(options: {
    readonly person: string;
    /** By its owner. */
    readonly name: string;
    readonly scope: ReviewerKey['scope'];
    /** At most a year. */
    readonly lasts_ms: number;
    readonly receipt: PersonalReceipt;
  }): Promise<MadeApiKey>;
  /** The person's keys, those that hold first, newest first. */
  listOf(person: string): readonly { readonly key: ReviewerKey; readonly state: ApiKeyState }[];
  /** @throws IdentityError `unknown_reviewer_key`, `revoked_reviewer_key` */
  revoke(options: {
    readonly person: string;
    readonly key_id: string;
    readonly by: string;
    readonly reason: string;
  }): Promise<void>;
  /**
   * Whose key this is. It is looked up by its digest, so that no comparison takes longer the more of it is right.
   *
   * @throws IdentityError `key_refused`; nothing of the key stands in its sentence
   */
  readonly authenticate: (key: string) => KeyHolder;
  /** Whether the key with this digest still opens anything: not revoked, not expired, its person still listed. */
  readonly holds: (sha256: string) => boolean;
}

const SHAPE = /^plr_[0-9a-hjkmnp-tv-z]{12}_[A-Za-z0-9_-]{43}$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 12;
const SECRET_BYTES = 32;
const LONGEST_MS = 366 * 24 * 60 * 60 * 1000;
/** Of one person, at a time. */
const KEYS_MAX = 20;

export function createApiKeys(options: {
  readonly append: Append;
  readonly access: () => ReviewerAccessView;
  readonly identities: () => IdentitiesView;
  readonly people: () => People;
  readonly clock: Clock;
  readonly random: Random;
}): ApiKeys {
  const { append, access, identities, people, clock, random } = options;

  const holderOf = (id: string): Person | undefined => people().people.find((person) => person.id === id);

  const stateOf = (key: ReviewerKey): ApiKeyState => {
    if (key.revoked_at !== undefined) return 'revoked';
    return isOver(key.expires_at, clock.now()) ? 'expired' : 'good';
  };

  return {
    async issue({ person, name, scope, lasts_ms, receipt }) {
      const holder = holderOf(person);
      if (!holder) throw new IdentityError('unknown_person', NOT_LISTED);
      if (scope === 'decide' && isAuditor(holder, people()))
        throw new IdentityError(
          'auditor',
          'No key was made. You are an auditor of this workspace: a key of yours may read, and decides nothing.',
        );
      if (!(lasts_ms > 0 && lasts_ms <= LONGEST_MS))
        throw new IdentityError('key_time', 'A key lasts for a year at most, and for some time at least.');
      if (
        access()
          .keysOf(person)
          .filter((key) => stateOf(key) === 'good').length >= KEYS_MAX
      )
        throw new IdentityError(
          'too_many_keys',
          `You have ${KEYS_MAX} keys that hold. Revoke one that you do not use.`,
        );
      const key_id = [...random(ID_LENGTH)].map((byte) => ALPHABET.charAt(byte % 32)).join('');
      const secret = Buffer.from(random(SECRET_BYTES)).toString('base64url');
      const key = `${REVIEWER_KEY_PREFIX}${key_id}_${secret}`;
      const expires_at = timestamp(clock, lasts_ms);
      const key_sha256 = sha256(key);
      await appendProven({ append, identities }, [
        { type: 'reviewer.key_issued', person, key_id, key_sha256, name, scope, expires_at, receipt },
      ]);
      return { key, key_id, expires_at };
    },

    listOf: (person) => {
      const keys = access()
        .keysOf(person)
        .map((key) => ({ key, state: stateOf(key) }))
        .reverse();
      return [
        ...keys.filter(({ state }) => state === 'good'),
        ...keys.filter(({ state }) => state !== 'good'),
      ];
    },

    async revoke({ person, key_id, by, reason }) {
      await append([{ type: 'reviewer.key_revoked', person, key_id, by, reason }]).catch((error: unknown) => {
        throw identityErrorOf(error);
      });
    },

    authenticate(text) {
      const key = SHAPE.test(text) ? access().findKey(sha256(text)) : undefined;
      if (!key) throw refused('This is no key that was made here');
      if (key.revoked_at !== undefined)
        throw refused(`The key ${key.key_id} was revoked at ${key.revoked_at}`);
      if (stateOf(key) !== 'good') throw refused(`The key ${key.key_id} expired at ${key.expires_at}`);
      const holder = holderOf(key.person);
      if (!holder) throw refused(`The person of the key ${key.key_id} no longer stands in people.yaml`);
      return { key, holder };
    },

    holds(digest) {
      const key = access().findKey(digest);
      return key !== undefined && stateOf(key) === 'good' && holderOf(key.person) !== undefined;
    },
  };
}

const NOT_LISTED = 'You no longer stand in people.yaml, so no key is made for you.';

function refused(why: string): IdentityError {
  return new IdentityError(
    'key_refused',
    `${why}: make another one in the console, on the page of yourself.`,
  );
}
