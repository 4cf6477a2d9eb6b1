import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { requestIdOf } from '../core/entry.ts';
import type { Random } from '../core/ids.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { People } from '../core/person.ts';
import type { Changes } from '../guard/context.ts';
import type { Guard } from '../guard/guard.ts';
import type { Journal } from '../journal/journal.ts';
import type { Driver, Place } from '../notify/channel.ts';
import { createCheckpointSource, type NoteSigner } from '../notify/checkpoint-source.ts';
import { createEmailDriver } from '../notify/email/driver.ts';
import { createInvitationPost, type InvitationPost } from '../notify/invitations.ts';
import { createOutbox, type Outbox } from '../notify/outbox.ts';

/** Everything that people are told: requests, outcomes, invitations. The drivers of channels are named here. */
export interface Notices {
  readonly outbox: Pick<Outbox, 'poke' | 'undelivered'>;
  readonly invitations: Pick<InvitationPost, 'poke' | 'undelivered'>;
  /** What people of the workspace have to mend. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export function openNotices(options: {
  readonly settings: Settings;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly guard: Guard;
  readonly changes: Changes;
  readonly people: () => People;
  /** Every notice carries the newest. */
  readonly checkpoints: NoteSigner;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Notices {
  const { settings, journal, ledger, guard, changes, checkpoints, clock, log } = options;
  const drivers = driversOf(settings, clock);
  const channels = drivers.flatMap(({ channel }) => channel ?? []);
  const place = (name: string): Place | undefined => {
    for (const driver of drivers) {
      const found = driver.place?.(name);
      if (found) return found;
    }
    return undefined;
  };
  const checkpoint = createCheckpointSource({ checkpoints, clock, log });
  const outbox = createOutbox({
    ...options,
    requests: () => ledger.requests(),
    request: (id) => ledger.request(id),
    update: guard.update,
    content: guard.content,
    checkpoint,
    channels,
    place,
    digestAfter: settings.digestAfter,
  });
  const invitations = createInvitationPost({
    ...options,
    identities: () => ledger.identities,
    append: (drafts) => journal.append(drafts),
    checkpoint,
    channels,
  });
  const unsubscribe = changes.subscribe((entry) => {
    // One turn later, so that the pending answer leaves before any mail does.
    const id = requestIdOf(entry);
    if (id !== undefined) setImmediate(() => outbox.poke(id));
    else if (entry.type === 'people.changed') setImmediate(() => outbox.poke());
    else if (entry.type.startsWith('passkey.')) setImmediate(() => invitations.poke());
  });

  return {
    outbox,
    invitations,
    get problems() {
      if (drivers.length === 0)
        return ['No mail server is set, so reviewers are not asked: set PLACET_SMTP_URL in .env.'];
      return drivers.flatMap(({ problems }) => problems?.() ?? []);
    },
    async close() {
      unsubscribe();
      await Promise.all([outbox.close(), invitations.close(), ...drivers.map((driver) => driver.close())]);
    },
  };
}

/** A line for each folder of `notify/`. */
function driversOf({ smtpUrl, mailFrom: from }: Settings, clock: Clock): readonly Driver[] {
  const email = smtpUrl === undefined ? [] : [createEmailDriver({ smtpUrl, from, clock })];
  return email;
}
