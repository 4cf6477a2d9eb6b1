import { commitmentTo } from './digest.ts';
import type { Json } from './json.ts';
import { jsonLine } from './json-line.ts';

/** A secret that was taken out of a value. */
export interface Secret {
  /** As in its mark. */
  readonly commit: string;
  /** 32 random bytes, base64url: without them a guess of the value cannot be tested. */
  readonly salt: string;
  /** A text, where it stood in or as one. */
  readonly value: Json;
}

export function secretOf(value: Json, salt: Uint8Array): Secret {
  return { commit: commitOf(salt, value), salt: Buffer.from(salt).toString('base64url'), value };
}

/** Whether it is what its mark commits to. */
export function isCommitted({ commit, salt, value }: Secret): boolean {
  return commitOf(Buffer.from(salt, 'base64url'), value) === commit;
}

/** SHA-256(salt ‖ JSON), in base64url. */
function commitOf(salt: Uint8Array, value: Json): string {
  return Buffer.from(commitmentTo(salt, jsonLine(value)), 'hex').toString('base64url');
}
