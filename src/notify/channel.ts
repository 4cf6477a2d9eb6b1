import type { Card } from '../core/card.ts';
import { PlacetError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';
import type { Request } from '../core/request.ts';

interface Common {
  readonly request: Request;
  readonly card: Card;
  readonly args: JsonObject;
  readonly to: Person;
  /** A signed note (C2SP tlog-checkpoint): whoever keeps it can tell later whether the journal was rewritten. */
  readonly checkpoint?: string;
}

/** Asks one reviewer, with the one link that is theirs. */
export interface AskNotice extends Common {
  readonly kind: 'ask';
  /** The address of the request page, with the token in it: secret, never logged. */
  readonly link: string;
}

/** Tells one reviewer who was asked what became of it. */
export interface OutcomeNotice extends Common {
  readonly kind: 'outcome';
  /** Names by id of everyone who decided. */
  readonly names: Readonly<Record<string, string>>;
}

export type Notice = AskNotice | OutcomeNotice;

/** Invites a person to enrol a passkey. The code that belongs to it comes another way. */
export interface InvitationNotice {
  /** The invitation's id. */
  readonly invitation: string;
  readonly to: Person;
  /** Who invites, in words. */
  readonly inviter: string;
  /** The address of the enrolment page, with the token in it: secret, never logged. */
  readonly link: string;
  /** RFC 3339, UTC. */
  readonly expires_at: string;
  /** As in other notices. */
  readonly checkpoint?: string;
}

export interface Delivered {
  /** What the channel calls the message, so that later ones can be put in its thread. */
  readonly message_id: string;
}

/** A way to reach reviewers. Its drivers stand in a folder each, named in `host/`. */
export interface Channel {
  readonly name: string;
  /** Whether this channel has an address for the person. */
  reaches(person: Person): boolean;
  /**
   * MUST NOT resolve before the other side has taken the message over. Repeating it after a crash is allowed,
   * so the same notice MUST come out under the same message id and thread.
   *
   * @throws DeliveryError
   */
  deliver(notice: Notice): Promise<Delivered>;
  /**
   * Sends an invitation, under the same rules; only what reaches one person alone has it.
   *
   * @throws DeliveryError
   */
  readonly invite?: (invitation: InvitationNotice) => Promise<Delivered>;
  close(): Promise<void>;
}

/** The message was not taken over. A permanent refusal is journalled; a temporary one is tried again. */
export class DeliveryError extends PlacetError {
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean, options?: ErrorOptions) {
    super(permanent ? 'delivery_refused' : 'delivery_delayed', message, options);
    this.permanent = permanent;
  }
}
