import { backoff } from '../core/backoff.ts';
import { timestamp, type Clock } from '../core/clock.ts';
import type { Invitation } from '../core/credentials.ts';
import type { Draft } from '../core/entry.ts';
import { messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { IdentitiesView } from '../core/ledger.ts';
import { mintLink } from '../core/link.ts';
import type { People, Person } from '../core/person.ts';
import { PATIENCE } from './patience.ts';
import { DeliveryError, type Channel } from './channel.ts';

export interface InvitationPostOptions {
  /** The state as the journal has it. */
  readonly identities: () => IdentitiesView;
  readonly append: (drafts: readonly Draft[]) => Promise<unknown>;
  readonly people: () => People;
  /** The signed note that goes out with an invitation, if there is one; never throws, and never takes long. */
  readonly checkpoint: () => Promise<string | undefined>;
  /** Closed by whoever made them, after this. */
  readonly channels: readonly Channel[];
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (line: string) => void;
}

/** An invitation that its person has not been sent. */
export interface UndeliveredInvitation {
  readonly invitation: string;
  readonly person: string;
  readonly attempts: number;
  /** Why it has not gone out, in a sentence. */
  readonly failure?: string;
}

export interface InvitationPost {
  /** Looks at the state again; to be called at the start, and after every change of invitations or people. */
  poke(): void;
  undelivered(): readonly UndeliveredInvitation[];
  /** Resolves when nothing is being sent; what waits for its next try does not count. */
  drain(): Promise<void>;
  /** Starts nothing more, and drains. */
  close(): Promise<void>;
}

/** How an invitation can go out now. Another `key` is another way, worth another try. */
type Way =
  | {
      readonly kind: 'send';
      readonly key: string;
      readonly channel: string;
      readonly invite: NonNullable<Channel['invite']>;
      readonly to: Person;
    }
  | { readonly kind: 'none'; readonly detail: string };

type Sent = Extract<Draft, { readonly type: 'passkey.invitation_sent' }>;

interface Job {
  readonly person: string;
  attempts: number;
  failure?: string;
  /** Secret. Its hash is in the journal. */
  link?: string;
  /** The way that was tried last. */
  key?: string;
  /** That way is closed for good. */
  refused?: boolean;
  /** What remains to be journalled once the channel has taken it over. */
  sent?: Sent;
  running?: Promise<void>;
  cancelRetry?: () => void;
}

/** From the moment it was sent, in milliseconds. */
const VALID_MS = 24 * 60 * 60 * 1000;

/**
 * Sends invitations to enrol a passkey, each to its person's own first address. What is owed is a fold over the
 * journal, so a restart loses none: it mints another link, and one that went out just before works as well.
 */
export function createInvitationPost(options: InvitationPostOptions): InvitationPost {
  const { clock, log } = options;
  const base = options.publicUrl.replace(/\/+$/, '');
  const jobs = new Map<string, Job>();
  let closed = false;

  const owed = (id: string): Invitation | undefined => {
    const invitation = options.identities().invitation(id);
    return invitation && isOwed(invitation) ? invitation : undefined;
  };

  const poke = (): void => {
    if (closed) return;
    for (const [id, job] of jobs) {
      if (job.running || owed(id)) continue;
      job.cancelRetry?.();
      jobs.delete(id);
    }
    for (const invitation of [...options.identities().invitations()].filter(isOwed)) {
      const job = jobs.get(invitation.id) ?? { person: invitation.person, attempts: 0 };
      jobs.set(invitation.id, job);
      if (!job.running) look(invitation, job);
    }
  };

  /** Starts an attempt, unless it has to wait or there is no way. */
  const look = (invitation: Invitation, job: Job): void => {
    const way = wayTo(invitation.person, options);
    if (job.sent) {
      if (!job.cancelRetry) run(invitation, job, way);
      return;
    }
    if (way.kind === 'none') {
      stopWaiting(job);
      delete job.key;
      if (job.failure === way.detail) return;
      job.failure = way.detail;
      log(`notify: ${label(invitation)}: ${way.detail}`);
      return;
    }
    if (job.key === way.key && (job.refused || job.cancelRetry)) return;
    stopWaiting(job);
    run(invitation, job, way);
  };

  const run = (invitation: Invitation, job: Job, way: Way): void => {
    job.running = attempt(invitation, job, way)
      .then(
        () => {
          if (owed(invitation.id)) delete job.key;
          else jobs.delete(invitation.id);
        },
        (error: unknown) => failed(invitation, job, error),
      )
      .then(() => {
        delete job.running;
        poke();
      });
  };

  const failed = (invitation: Invitation, job: Job, error: unknown): void => {
    job.attempts += 1;
    job.failure = messageOf(error);
    job.refused = error instanceof DeliveryError && error.permanent;
    if (closed || !owed(invitation.id)) return;
    if (job.refused) {
      log(`notify: ${label(invitation)}: ${job.failure} It is not tried again at this address.`);
      return;
    }
    const wait = backoff(job.attempts, PATIENCE, options.random);
    log(`notify: ${label(invitation)}: ${job.failure} Next try in ${Math.ceil(wait / 1000)} s.`);
    job.cancelRetry = clock.after(wait, () => {
      delete job.cancelRetry;
      delete job.key;
      poke();
    });
  };

  /** Throws to be tried again. */
  const attempt = async (invitation: Invitation, job: Job, way: Way): Promise<void> => {
    if (!job.sent) {
      if (way.kind === 'none') return;
      job.key = way.key;
      job.link ??= await mint(invitation.id);
      const checkpoint = await options.checkpoint();
      const now = wayTo(invitation.person, options);
      // Withdrawn, or the address changed, while the link was on its way to the journal: poke looks again.
      if (closed || !owed(invitation.id) || now.kind === 'none' || now.key !== way.key) return;
      const { message_id } = await now.invite({
        invitation: invitation.id,
        to: now.to,
        inviter: inviterOf(invitation, options.people()),
        link: job.link,
        expires_at: timestamp(clock, VALID_MS),
        ...(checkpoint === undefined ? {} : { checkpoint }),
      });
      job.sent = {
        type: 'passkey.invitation_sent',
        invitation: invitation.id,
        channel: now.channel,
        message_id,
        expires_at: timestamp(clock, VALID_MS),
      };
    }
    if (!owed(invitation.id)) return;
    await options.append([job.sent]);
    if (owed(invitation.id)) throw new Error('The journal did not take up that the invitation was sent.');
  };

  const mint = async (invitation: string): Promise<string> => {
    const { token, sha256 } = mintLink(options.random);
    await options.append([{ type: 'passkey.invitation_linked', invitation, link_sha256: sha256 }]);
    return `${base}/enrol/${token}`;
  };

  const drain = async (): Promise<void> => {
    for (;;) {
      const running = [...jobs.values()].flatMap((job) => job.running ?? []);
      if (running.length === 0) return;
      await Promise.all(running);
    }
  };

  return {
    poke,
    undelivered: () =>
      [...jobs].map(([invitation, { person, attempts, failure }]) => ({
        invitation,
        person,
        attempts,
        ...(failure === undefined ? {} : { failure }),
      })),
    drain,
    close: async () => {
      closed = true;
      for (const job of jobs.values()) job.cancelRetry?.();
      await drain();
    },
  };
}

/** Nobody withdrew it, a second person approved it where one has to, and it was not sent. */
function isOwed({ state, needs_approval, approved_by, expires_at }: Invitation): boolean {
  return state === 'open' && expires_at === undefined && (!needs_approval || approved_by !== undefined);
}

function wayTo(person: string, options: Pick<InvitationPostOptions, 'people' | 'channels'>): Way {
  const to = options.people().people.find((each) => each.id === person);
  if (!to) return { kind: 'none', detail: `people.yaml no longer names ${person}.` };
  for (const channel of options.channels) {
    if (!channel.invite || !channel.reaches(to)) continue;
    const key = JSON.stringify([channel.name, to.emails[0]]);
    return { kind: 'send', key, channel: channel.name, invite: channel.invite, to };
  }
  return {
    kind: 'none',
    detail: `No channel that can carry an invitation reaches ${person}: give them an address in people.yaml, and set up mail.`,
  };
}

function inviterOf({ by }: Invitation, { people }: People): string {
  return people.find((each) => each.id === by)?.name ?? (by === 'operator' ? 'the operator of Placet' : by);
}

function stopWaiting(job: Job): void {
  job.cancelRetry?.();
  delete job.cancelRetry;
}

function label({ id, person }: Invitation): string {
  return `invitation ${id} to ${person}`;
}
