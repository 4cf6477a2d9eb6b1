import { createHash } from 'node:crypto';
import { challengeOf, type Act } from '../core/challenge.ts';
import type { Passkey } from '../core/credentials.ts';
import type { Entry, PasskeyReceipt, Receipt } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Book } from '../core/book.ts';
import { readCoseKey, type CoseKey } from './cose-key.ts';
import type { Report } from './problems.ts';

export interface ReceiptCheck {
  /** Before the ledger takes the entry up: what counts is what stood when it was signed. */
  check(entry: Entry, report: Report): void;
  /** Signatures that were checked and are right. */
  count(): number;
}

/** Offsets and flags of authenticator data (WebAuthn Level 3, 6.1). */
const FLAGS_AT = 32;
const COUNTER_AT = 33;
const SHORTEST = 37;
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/**
 * Checks again what people signed with their passkeys, from the journal alone: that the signature is by the key as
 * enrolled, with its user verified, on a page of its relying party, over exactly the act that the entry tells of.
 * It shares no code with what checked the signature when it was made.
 */
export function createReceiptCheck(ledger: Pick<Book, 'request' | 'identities'>): ReceiptCheck {
  const keys = new Map<string, CoseKey>();
  let count = 0;

  /** Nothing where the key cannot be used. */
  const keyOf = (passkey: Passkey, report: Report): CoseKey | undefined => {
    const known = keys.get(passkey.id);
    if (known) return known;
    try {
      const key = readCoseKey(passkey.public_key);
      if (key.algorithm !== passkey.algorithm) throw new TypeError('it is not of the algorithm enrolled');
      keys.set(passkey.id, key);
      return key;
    } catch (error) {
      report('receipt', `the public key of the passkey ${passkey.id} cannot be used: ${messageOf(error)}`);
      return undefined;
    }
  };

  return {
    check(entry, report) {
      const receipt = 'receipt' in entry ? entry.receipt : undefined;
      if (receipt?.kind !== 'passkey') return;
      const passkey = ledger.identities.passkey(receipt.credential_id);
      if (!passkey) return report('receipt', `its passkey ${receipt.credential_id} is not enrolled`);
      const key = keyOf(passkey, report);
      const act = actOf(entry as Proven, receipt.nonce, ledger);
      if (!key || !act) return;
      const fault = faultOf(receipt, act, passkey, key);
      if (fault === undefined) count += 1;
      else report('receipt', fault);
    },
    count: () => count,
  };
}

type Proven = Extract<Entry, { readonly receipt?: Receipt }>;

/**
 * What a person must have signed for the entry to stand; nothing where it speaks of what does not exist, which the
 * ledger reports.
 */
function actOf(entry: Proven, nonce: string, ledger: Pick<Book, 'request' | 'identities'>): Act | undefined {
  switch (entry.type) {
    case 'approval.decided': {
      // Whether the digests are those of the request is for the ledger to judge.
      const { request_id, action_digest, card_digest, decision, reviewer } = entry;
      return { act: 'decide', request_id, action_digest, card_digest, decision, reviewer, nonce };
    }
    case 'execution.reconciled': {
      const { request_id, outcome, reviewer } = entry;
      const action_digest = ledger.request(request_id)?.action_digest;
      if (action_digest === undefined) return undefined;
      return { act: 'reconcile', request_id, action_digest, outcome, reviewer, nonce };
    }
    case 'secret.revealed': {
      const { request_id, paths, reviewer } = entry;
      const request = ledger.request(request_id);
      if (!request) return undefined;
      const { action_digest, card_digest } = request;
      return { act: 'reveal', request_id, action_digest, card_digest, paths, reviewer, nonce };
    }
    case 'tool.definition_accepted': {
      const { server, tool, definition_sha256, reviewer } = entry;
      return { act: 'accept_definition', server, tool, definition_sha256, reviewer, nonce };
    }
    case 'account.linked': {
      const { person, channel, team, user } = entry;
      return { act: 'link_account', person, channel, team, user, nonce };
    }
    case 'reviewer.key_issued': {
      const { person, scope, name } = entry;
      return { act: 'issue_key', person, scope, name, nonce };
    }
    case 'evidence.reviewed': {
      const { from, to, size, exceptions, exceptions_sha256, reviewer } = entry;
      return { act: 'review_evidence', from, to, size, exceptions, exceptions_sha256, reviewer, nonce };
    }
    case 'session.opened':
      return { act: 'sign_in', nonce };
    case 'passkey.enrolled':
      return { act: 'add_passkey', person: entry.person, nonce };
    case 'passkey.revoked':
      return { act: 'revoke_passkey', person: entry.person, credential_id: entry.credential_id, nonce };
    case 'passkey.invitation_approved': {
      const { invitation, by: approver } = entry;
      const person = ledger.identities.invitation(invitation)?.person;
      return person === undefined
        ? undefined
        : { act: 'approve_invitation', invitation, person, approver, nonce };
    }
  }
}

/** What is wrong with a receipt, as the rest of a sentence (WebAuthn Level 3, 7.2). */
function faultOf(receipt: PasskeyReceipt, act: Act, passkey: Passkey, key: CoseKey): string | undefined {
  const clientBytes = Buffer.from(receipt.client_data, 'base64url');
  const data = Buffer.from(receipt.authenticator_data, 'base64url');
  const client = clientDataOf(clientBytes);
  if (!client) return 'what the browser signed cannot be read';
  if (client['type'] !== 'webauthn.get') return 'what was signed is no assertion';
  if (client['challenge'] !== challengeOf(act))
    return 'what was signed is another act than the entry tells of';
  if (!isUnder(client['origin'], passkey.rp_id))
    return `it was signed on a page that is not of ${passkey.rp_id}`;
  if ((client['crossOrigin'] ?? false) !== false || client['topOrigin'] !== undefined)
    return 'it was signed inside a page of another site';
  if (data.length < SHORTEST) return 'what the authenticator signed is cut short';
  if (!data.subarray(0, FLAGS_AT).equals(sha256(passkey.rp_id)))
    return `the authenticator signed it for another site than ${passkey.rp_id}`;
  const flags = data.readUInt8(FLAGS_AT);
  if ((flags & USER_PRESENT) === 0) return 'nobody was present when it was signed';
  if ((flags & USER_VERIFIED) === 0) return 'who was present when it was signed was not verified';
  if (data.readUInt32BE(COUNTER_AT) !== receipt.sign_count)
    return 'its counter is not the one that was signed';
  const signed = Buffer.concat([data, sha256(clientBytes)]);
  const signature = Buffer.from(receipt.signature, 'base64url');
  return key.verifies(signed, signature) ? undefined : 'its signature is not by the passkey as enrolled';
}

function clientDataOf(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A page of the relying party, in a secure context: https, or on this machine. */
function isUnder(origin: unknown, rpId: string): boolean {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  const { protocol, hostname: host } = new URL(origin);
  const secure = protocol === 'https:' || (protocol === 'http:' && /(?:^|\.)localhost$/.test(host));
  return secure && (host === rpId || host.endsWith(`.${rpId}`));
}

function sha256(bytes: string | Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
