import { digestOf } from './digest.ts';

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
  return digestOf({
    agent: action.agent,
    owner: action.owner,
    server: action.server,
    tool: action.tool,
    definition_sha256: action.definition_sha256,
    args_commit: action.args_commit,
  });
}
