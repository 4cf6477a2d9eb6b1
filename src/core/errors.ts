/**
 * One class per family of errors, each instance with a stable `code`. The message is one sentence that says
 * what is wrong and how to mend it, fit for the person or agent that caused it; the cause is kept for logs.
 */
export class PlacetError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Settings, `mcp.json`, policies or a tool file are wrong: a person of the workspace has to mend them. */
export class ConfigError extends PlacetError {}

/** A call cannot be accepted as it stands: the agent has to mend it. */
export class CallError extends PlacetError {}

/** A decision, or a link that leads to one, is refused: a reviewer is told why. */
export class DecisionError extends PlacetError {}

/** Signing in, enrolling or revoking is refused: the person is told why. */
export class IdentityError extends PlacetError {}

/** Erasing, holding or releasing payloads is refused: the operator is told why. */
export class CustodyError extends PlacetError {}

/** Evidence cannot be had now: whoever asked is told why. */
export class EvidenceError extends PlacetError {}

/** Too many tries in a short time. */
export class LimitError extends PlacetError {
  /** Seconds after which it may be tried again. */
  readonly retry_after: number;

  constructor(message: string, retryAfter: number) {
    super('too_many_tries', message);
    this.retry_after = retryAfter;
  }
}

/** A change of a request's state that is not legal. `code` names the rule that was broken. */
export class TransitionError extends PlacetError {}

/** The journal or a payload cannot be written, read or believed. */
export class JournalError extends PlacetError {}

/** A checkpoint, a proof, a key or a time stamp cannot be read, or does not prove what it should. */
export class ProofError extends PlacetError {}

/** A downstream server cannot be reached, died, stayed silent or answered nonsense. */
export class DownstreamError extends PlacetError {}

/** The text of anything thrown, for a log line or a sentence. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
