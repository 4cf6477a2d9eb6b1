import { digestOf, sha256 } from './digest.ts';

/** What a call would do. The arguments stand as their salted commitment. */
export interface Action {
  readonly agent: string;
  readonly owner: string;
  readonly server: string;
  readonly tool: string;
  readonly definition_sha256: string;
  readonly args_commit: string;
}

/** SHA-256 over the canonical JSON of exactly the six members of the action. */
export function actionDigest(action: Action): string {
  const { agent, args_commit, definition_sha256, owner, server, tool } = action;
  const members = { agent, args_commit, definition_sha256, owner, server, tool };
  const text = JSON.stringify(members);
  // Members in order, all of them texts: that is canonical, unless one holds half of a surrogate pair.
  return text.includes('\\ud') ? digestOf(members) : sha256(text);
}
