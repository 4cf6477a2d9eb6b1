import type { DefinitionDifference } from './definition-diff.ts';
import type { HiddenText } from './definition-scan.ts';
import type { Terms } from './entry.ts';

/** A tool's annotations, as its server gives them. */
export interface Effects {
  readonly read_only?: boolean;
  readonly destructive?: boolean;
  readonly idempotent?: boolean;
  readonly open_world?: boolean;
}

/**
 * What every reviewer must see, as data, fixed when the request is made. Its salted commitment is the
 * request's `card_digest`; each channel renders this and nothing else about the action.
 *
 * Texts by `agent`, `downstream` and `tool` are hostile until shown otherwise: render them through `reveal`.
 */
export interface Card {
  readonly v: 1;
  readonly request_id: string;
  /** The name under which the agent called it. */
  readonly tool: string;
  readonly server: string;
  /** The tool's own name at its downstream: what a reviewer types to confirm. */
  readonly tool_name: string;
  readonly title?: string;
  /** By the downstream. */
  readonly description?: string;
  readonly tags: readonly string[];
  /** The command and folder of a server that the client brought along. */
  readonly runs?: string;
  readonly agent: string;
  readonly owner: { readonly id: string; readonly name: string };
  /** `claimed`: over stdio, the agent's name is the word of whoever wrote the client's configuration. */
  readonly identity: 'claimed' | 'authenticated';
  /** What the client says that it is; a claim. */
  readonly client?: string;
  /** By the guarded tool's author, computed from the arguments. */
  readonly summary?: string;
  /** Why there is no summary although the tool offers one. */
  readonly summary_trouble?: string;
  readonly args_commit: string;
  readonly definition_sha256: string;
  readonly action_digest: string;
  /** What the server claims of the tool (its annotations): nobody has checked it. */
  readonly effects?: Effects;
  /** Where nobody has accepted the tool's definition as it is: what is different in it. By the downstream. */
  readonly difference?: DefinitionDifference;
  /** Texts of the tool's definition that are not what they look like; absent where there are none. */
  readonly hidden?: readonly HiddenText[];
  /** The client session that made the call. */
  readonly session?: string;
  /** Why it is held, in a sentence of the policy's. */
  readonly why?: string;
  /** What the agent said that it is for: hostile text, and no ground for anything. */
  readonly said?: string;
  /** Whether the arguments were checked against the tool's input schema; if not, why not. */
  readonly input_check: 'valid' | { readonly unchecked: string };
  readonly terms: readonly Terms[];
  readonly requested_at: string;
  readonly expires_at: string;
}
