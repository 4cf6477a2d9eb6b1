import type { Card } from '../core/card.ts';
import type { EscalationCause } from '../core/entry.ts';
import { PlacetError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Person } from '../core/person.ts';
import type { Request } from '../core/request.ts';

interface About {
  readonly request: Request;
  readonly card: Card;
  readonly args: JsonObject;
  /** Names by id of the owner, and of everyone who was asked or decided. */
  readonly names: Readonly<Record<string, string>>;
  /** What the channel called the question, where it was put before: what follows belongs to it. */
  readonly first?: string;
  /** A signed note (C2SP tlog-checkpoint): whoever keeps it can tell later whether the journal was rewritten. */
  readonly checkpoint?: string;
}

interface Question extends About {
  readonly kind: 'ask';
  /** 0 for the question itself, then the number of the reminder. */
  readonly round: number;
  /** Why more people are asked than at first. */
  readonly escalated?: EscalationCause;
}

interface Answered extends About {
  readonly kind: 'outcome';
}

/** Asks one reviewer, with the one link that is theirs. */
export interface AskNotice extends Question {
  readonly to: Person;
  /** The address of the request page, with the token in it: secret, never logged. */
  readonly link: string;
}

/** Tells one person what became of a request: a reviewer who was asked, or the owner of the agent. */
export interface OutcomeNotice extends Answered {
  readonly to: Person;
  readonly as: 'reviewer' | 'owner';
}

export type Notice = AskNotice | OutcomeNotice;

/** Tells a place of a question. Its link is the console's page, which asks who reads it to sign in, and is no secret. */
export interface PlaceAsk extends Question {
  readonly link: string;
}

export type PlaceNotice = PlaceAsk | Answered;

/** Many questions to one person at once, so that they are not flooded: the most urgent first. */
export interface DigestNotice {
  readonly to: Person;
  readonly asks: readonly Omit<AskNotice, 'to' | 'checkpoint'>[];
  /** The console's page of what waits. */
  readonly console: string;
  /** The same for the same questions, however often it is sent. */
  readonly id: string;
  readonly checkpoint?: string;
}

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
  /** What the channel calls the message, so that later ones can be put in its thread. No secret. */
  readonly message_id: string;
}

/** A way to reach people one by one. */
export interface Channel {
  /** As a rule names it: `email`, `slack`. */
  readonly name: string;
  /** Whether this channel has an address for the person. */
  reaches(person: Person): boolean;
  /**
   * MUST NOT resolve before the other side has taken the message over. Repeating it after a crash is allowed,
   * so the same notice MUST come out under the same message id and thread where the other side knows such.
   *
   * @throws DeliveryError
   */
  deliver(notice: Notice): Promise<Delivered>;
  /** Sends many questions as one, under the same rules. Without it each goes alone. @throws DeliveryError */
  readonly digest?: (digest: DigestNotice) => Promise<Delivered>;
  /**
   * Sends an invitation, under the same rules; only what reaches one person alone has it.
   *
   * @throws DeliveryError
   */
  readonly invite?: (invitation: InvitationNotice) => Promise<Delivered>;
}

/** A place that several people or a program read, such as a room of a chat. */
export interface Place {
  /** As a rule names it: `slack:#ops`, `teams`, `webhook:siem`, `pagerduty`. */
  readonly name: string;
  /**
   * MUST NOT resolve before the other side has taken the message over. Repeating it after a crash is allowed.
   *
   * @throws DeliveryError
   */
  post(notice: PlaceNotice): Promise<Delivered>;
}

/** What a folder of `notify/` offers. Named in `host/`. */
export interface Driver {
  readonly channel?: Channel;
  /** The place that a rule names so; nothing where it is none of this driver's. */
  readonly place?: (name: string) => Place | undefined;
  /** What people of the workspace have to mend, a sentence each: a token that was revoked, messages given up. */
  readonly problems?: () => readonly string[];
  close(): Promise<void>;
}

/** The message was not taken over. A permanent refusal is journalled; a temporary one is tried again. */
export class DeliveryError extends PlacetError {
  readonly permanent: boolean;
  /** The other side said when it may be tried again, in milliseconds from now. */
  readonly retry_after_ms?: number;

  constructor(
    message: string,
    permanent: boolean,
    options?: ErrorOptions & { readonly retry_after_ms?: number },
  ) {
    super(permanent ? 'delivery_refused' : 'delivery_delayed', message, options);
    this.permanent = permanent;
    if (options?.retry_after_ms !== undefined) this.retry_after_ms = options.retry_after_ms;
  }
}
