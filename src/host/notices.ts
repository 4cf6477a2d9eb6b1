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
import { deadLetters } from '../notify/dead-letters.ts';
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

export async function openNotices(options: {
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
}): Promise<Notices> {
  const { journal, ledger, guard, changes, checkpoints, clock, log } = options;
  const drivers = await driversOf(options);
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
    digestAfter: options.settings.digestAfter,
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
      return [
        ...(channels.length === 0
          ? ['No mail server is set, so reviewers are not asked: set PLACET_SMTP_URL in .env.']
          : []),
        ...drivers.flatMap((driver) => driver.problems?.() ?? []),
        ...deadLetters(ledger.requests(), clock.now()),
      ];
    },
    async close() {
      unsubscribe();
      await Promise.all([outbox.close(), invitations.close(), ...drivers.map((driver) => driver.close())]);
    },
  };
}

interface DriverParts {
  readonly settings: Settings;
  readonly publicUrl: string;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
}

/** A few lines for each folder of `notify/`, which is loaded where its channel is set up. */
async function driversOf(parts: DriverParts): Promise<readonly Driver[]> {
  const { settings, publicUrl, ledger, clock, log } = parts;
  const { smtpUrl, mailFrom: from, channels } = settings;
  const { slack, teamsUrl, pagerduty, webhooks, webhookAllow: allow } = channels;
  const accountOf = (person: string) => ledger.reviewerAccess.accountsOf(person).at(-1)?.user;
  const drivers: Driver[] = [];
  if (smtpUrl !== undefined) {
    const { createEmailDriver } = await import('../notify/email/driver.ts');
    drivers.push(createEmailDriver({ smtpUrl, from, clock }));
  }
  if (slack !== undefined) {
    const { createSlackDriver } = await import('../notify/slack/driver.ts');
    drivers.push(createSlackDriver({ settings: slack, accountOf, clock, log }));
  }
  if (teamsUrl !== undefined) {
    const { createTeamsDriver } = await import('../notify/teams/driver.ts');
    drivers.push(createTeamsDriver({ url: teamsUrl, clock }));
  }
  if (pagerduty !== undefined) {
    const { createPagerDutyDriver } = await import('../notify/pagerduty/driver.ts');
    drivers.push(createPagerDutyDriver({ ...pagerduty, clock }));
  }
  if (webhooks.length > 0) {
    const { createWebhookDriver } = await import('../notify/webhook/driver.ts');
    drivers.push(createWebhookDriver({ webhooks, allow, publicUrl, clock }));
  }
  return drivers;
}
