import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRequestError } from '@slack/web-api';
import { PlacetError } from '../../core/errors.ts';

/**
 * Who can mend it: `refused` nobody, for this recipient or message; `operator` whoever set up the app; `later` time.
 */
export type FailureKind = 'refused' | 'operator' | 'later';

/** A call of Slack's Web API that did not succeed, in one sentence without a secret. */
export class SlackFailure extends PlacetError {
  readonly kind: FailureKind;
  /** As Slack says it, such as `channel_not_found`; nothing where it did not answer. */
  readonly answer: string | undefined;
  readonly retry_after_ms: number | undefined;

  constructor(
    message: string,
    made: { readonly kind: FailureKind; readonly answer?: string; readonly retry_after_ms?: number },
  ) {
    super('slack_failed', message);
    this.kind = made.kind;
    this.answer = made.answer;
    this.retry_after_ms = made.retry_after_ms;
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  channel_not_found: 'Slack knows no such channel, or the app may not see it: invite the app to it',
  is_archived: 'The channel in Slack is archived',
  not_in_channel: 'The app is not in the channel in Slack: invite it with /invite',
  user_not_found: 'Slack knows no such account: mend slack: of the person in people.yaml',
  user_disabled: 'The account in Slack is deactivated',
  cannot_dm_bot: 'The account in Slack is that of a bot',
  restricted_action: 'Nobody but its admins may write to the channel in Slack',
  invalid_blocks: 'Slack does not take the message as it is built',
  invalid_arguments: 'Slack does not take the message as it is built',
  msg_too_long: 'The message is too long for Slack',
  msg_blocks_too_long: 'The message is too long for Slack',
};

const REINSTALL = 'install the app again and set its new token';

const TO_MEND: Readonly<Record<string, string>> = {
  invalid_auth: `Slack does not accept PLACET_SLACK_BOT_TOKEN: ${REINSTALL}`,
  not_authed: `Slack does not accept PLACET_SLACK_BOT_TOKEN: ${REINSTALL}`,
  token_revoked: `The token in PLACET_SLACK_BOT_TOKEN was revoked: ${REINSTALL}`,
  token_expired: `The token in PLACET_SLACK_BOT_TOKEN has expired: ${REINSTALL}`,
  account_inactive: `The app was removed from Slack: ${REINSTALL}`,
  missing_scope: 'The app in Slack lacks a scope: add those of docs/slack.md and install it again',
  not_allowed_token_type: 'PLACET_SLACK_BOT_TOKEN or PLACET_SLACK_APP_TOKEN is a token of another kind',
  messages_tab_disabled: 'The app in Slack may not write to people: switch on its messages tab',
};

/** The one method that is called with the app's token. */
const CONNECT = 'apps.connections.open';
const NO_CONNECTION =
  'Slack does not accept PLACET_SLACK_APP_TOKEN: make an app-level token with the scope connections:write';

const RATE_LIMITED = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);

/** @param after when it may be tried again, in milliseconds, where Slack says so */
export function rateLimited(after: number | undefined): SlackFailure {
  return new SlackFailure('Slack asks to wait, because too much was sent.', {
    kind: 'later',
    ...(after === undefined ? {} : { retry_after_ms: after }),
  });
}

/** What Slack's library threw. It quotes what it sent and received, so nothing of its words is repeated. */
export function slackFailure(thrown: unknown, method: string): SlackFailure {
  if (thrown instanceof SlackFailure) return thrown;
  if (thrown instanceof WebAPIRequestError && thrown.original instanceof SlackFailure) return thrown.original;
  if (thrown instanceof WebAPIPlatformError) {
    const answer = codeOf(thrown.data.error);
    const [kind, words] = meaningOf(answer, method);
    return new SlackFailure(`${words}${answer === undefined ? '' : ` (${answer})`}.`, {
      kind,
      ...(answer === undefined ? {} : { answer }),
    });
  }
  if (thrown instanceof WebAPIHTTPError)
    return new SlackFailure(`Slack answers ${method} with the status ${thrown.statusCode}.`, {
      kind: 'later',
    });
  const why = thrown instanceof WebAPIRequestError ? reasonOf(thrown.original) : undefined;
  return new SlackFailure(`Slack cannot be reached${why === undefined ? '' : ` (${why})`}.`, {
    kind: 'later',
  });
}

function meaningOf(answer: string | undefined, method: string): readonly [FailureKind, string] {
  if (answer !== undefined) {
    if (RATE_LIMITED.has(answer)) return ['later', 'Slack asks to wait, because too much was sent'];
    if (Object.hasOwn(REFUSALS, answer)) return ['refused', REFUSALS[answer] ?? ''];
    if (Object.hasOwn(TO_MEND, answer))
      return ['operator', method === CONNECT ? NO_CONNECTION : (TO_MEND[answer] ?? '')];
  }
  return ['later', `Slack did not carry out ${method}`];
}

/** Where the body was no JSON, the library takes all of it for the error. */
function codeOf(error: unknown): string | undefined {
  return typeof error === 'string' && /^[a-z][a-z0-9_]{1,60}$/.test(error) ? error : undefined;
}

/** Of a network's failure its code, such as `ECONNREFUSED`; a message may hold an address. */
function reasonOf(thrown: unknown): string | undefined {
  const { code, cause } = thrown instanceof Error ? (thrown as Error & { code?: unknown }) : {};
  if (typeof code === 'string' && /^[A-Z_0-9]{3,40}$/.test(code)) return code;
  return cause === undefined ? undefined : reasonOf(cause);
}
