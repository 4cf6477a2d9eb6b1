import { createHash } from 'node:crypto';
import type { DecisionKind } from './entry.ts';
import { canonicalJson } from './json.ts';

/** Everything that a person may sign with a passkey. `nonce` is the server's, and fresh. */
export type Act =
  | {
      readonly act: 'decide';
      readonly request_id: string;
      readonly action_digest: string;
      readonly card_digest: string;
      readonly decision: DecisionKind;
      readonly reviewer: string;
      readonly nonce: string;
    }
  | {
      readonly act: 'reconcile';
      readonly request_id: string;
      readonly action_digest: string;
      readonly outcome: 'done' | 'not_done';
      readonly reviewer: string;
      readonly nonce: string;
    }
  | {
      readonly act: 'reveal';
      readonly request_id: string;
      readonly action_digest: string;
      readonly card_digest: string;
      readonly paths: readonly string[];
      readonly reviewer: string;
      readonly nonce: string;
    }
  | {
      readonly act: 'accept_definition';
      readonly server: string;
      readonly tool: string;
      readonly definition_sha256: string;
      readonly reviewer: string;
      readonly nonce: string;
    }
  | {
      readonly act: 'link_account';
      readonly person: string;
      readonly channel: 'slack';
      readonly team: string;
      readonly user: string;
      readonly nonce: string;
    }
  | {
      readonly act: 'issue_key';
      readonly person: string;
      readonly scope: 'read' | 'decide';
      readonly name: string;
      readonly nonce: string;
    }
  | {
      readonly act: 'review_evidence';
      readonly from: string;
      readonly to: string;
      readonly size: number;
      readonly exceptions: number;
      readonly exceptions_sha256: string;
      readonly reviewer: string;
      readonly nonce: string;
    }
  | { readonly act: 'sign_in'; readonly nonce: string }
  | { readonly act: 'enrol'; readonly person: string; readonly nonce: string }
  | { readonly act: 'add_passkey'; readonly person: string; readonly nonce: string }
  | {
      readonly act: 'revoke_passkey';
      readonly person: string;
      readonly credential_id: string;
      readonly nonce: string;
    }
  | {
      readonly act: 'approve_invitation';
      readonly invitation: string;
      readonly person: string;
      readonly approver: string;
      readonly nonce: string;
    };

/**
 * The WebAuthn challenge for an act, in base64url: SHA-256 over its canonical JSON (RFC 8785), so that a signature
 * stands for exactly this act and no other.
 */
export function challengeOf(act: Act): string {
  return createHash('sha256')
    .update(canonicalJson({ v: 1, ...act }))
    .digest('base64url');
}
