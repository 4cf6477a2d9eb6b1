import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { DecisionError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import type { Guard } from '../guard/guard.ts';
import type { Opened } from '../notify/slack/desk.ts';
import type { SlackDoor } from '../notify/slack/door.ts';
import type { Reviewers } from './reviewers.ts';

/** How long a dialog may stand open. */
const DIALOG_MS = 60 * 60_000;
const SEAL = 'slack dialog';
const SEALED_MAX = 3000;

/** What people press in Slack, over the parts of a host; nothing where Slack is not set up, or sends nothing here. */
export async function openSlack(parts: {
  readonly settings: Settings;
  readonly guard: Pick<Guard, 'reviews'>;
  readonly reviewers: Pick<Reviewers, 'accounts' | 'limits' | 'seals'>;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<SlackDoor | undefined> {
  const { guard, reviewers, publicUrl, clock, random, log } = parts;
  const { accounts, limits, seals } = reviewers;
  const { slack: settings } = parts.settings.channels;
  if (settings?.signingSecret === undefined && settings?.appToken === undefined) return undefined;
  // Slack's libraries are loaded where Slack is set up.
  const { openSlackDoor } = await import('../notify/slack/door.ts');
  return openSlackDoor({
    settings,
    clock,
    random,
    log,
    personOf: (account) => accounts.personOf(account),
    linkPage: (account) => `${publicUrl}/console/link/slack?state=${accounts.seal(account)}`,
    page: (requestId) => `${publicUrl}/console/requests/${requestId}`,
    view: (person, request_id) => guard.reviews.view({ kind: 'session', person, request_id }),
    async decide({ person, request_id, receipt, confirm, ...decision }) {
      const holder = `slack ${person} ${request_id}`;
      await limits.check('confirm', holder);
      try {
        return await guard.reviews.decide({
          ...decision,
          access: { kind: 'session', person, request_id },
          proof: { kind: 'slack', receipt, confirm },
          seen: [],
        });
      } catch (thrown) {
        if (thrown instanceof DecisionError && ['confirm_mismatch', 'self_approval'].includes(thrown.code))
          await limits.count('confirm', holder);
        throw thrown;
      }
    },
    seal: (opened) => seals.seal(SEAL, opened as unknown as Json, clock.now() + DIALOG_MS),
    open(sealed) {
      const opened = sealed.length > SEALED_MAX ? undefined : seals.open(SEAL, sealed);
      return opened !== undefined && isJsonObject(opened) ? (opened as unknown as Opened) : undefined;
    },
  });
}
