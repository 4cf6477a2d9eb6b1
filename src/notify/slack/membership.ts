import { isJsonObject } from '../../core/json.ts';
import type { SlackClient } from './client.ts';
import type { Account } from './interaction.ts';

/** Why an account may not speak for anybody here, as a sentence; nothing where it is a full member's. */
export type FaultOfAccount = (account: Account) => Promise<string | undefined>;

const OUTSIDE =
  'Your account is not one of the workspace to which this app belongs, so it decides nothing here.';

const NOT_MEMBERS = {
  is_restricted: 'Guests decide nothing in Slack: ask whoever runs Placet for a link by mail.',
  is_ultra_restricted: 'Guests decide nothing in Slack: ask whoever runs Placet for a link by mail.',
  is_stranger: OUTSIDE,
  is_bot: 'Bots and apps decide nothing.',
  is_app_user: 'Bots and apps decide nothing.',
  deleted: 'This account is deactivated.',
} as const;

/** Asks Slack each time: who was made a guest a minute ago is one. */
export function createMembership(client: SlackClient): FaultOfAccount {
  let home: string | undefined;

  /** The workspace of the bot. */
  const teamOf = async (): Promise<string | undefined> => {
    if (home !== undefined) return home;
    const { team_id: team } = await client.call('auth.test', {});
    home = typeof team === 'string' ? team : undefined;
    return home;
  };

  return async ({ team, user }) => {
    if (team !== (await teamOf())) return OUTSIDE;
    const { user: known } = await client.call('users.info', { user });
    if (!isJsonObject(known) || known['id'] !== user || known['team_id'] !== team) return OUTSIDE;
    for (const [mark, words] of Object.entries(NOT_MEMBERS)) if (known[mark] === true) return words;
    return undefined;
  };
}
