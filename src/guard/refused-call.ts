import { CallError } from '../core/errors.ts';

/** A call that is neither sent nor held: the agent is told why, and it is journalled as denied. */
export class RefusedCall extends CallError {
  /** What the journal says. A message that quotes arguments could not be erased there. */
  readonly reason: string;

  constructor(code: string, message: string, reason = message) {
    super(code, message);
    this.reason = reason;
  }
}
