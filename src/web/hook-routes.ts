import { LimitError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import * as problems from './problems.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';

/** What came from a chat platform, as it came, with what it signed. */
export interface HookRequest {
  readonly body: Uint8Array;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** Checks that it is the platform that sent this, and what to answer. */
export type Hook = (
  request: HookRequest,
) => Promise<
  | { readonly kind: 'taken'; readonly body?: Json }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreadable' }
>;

/** Where Slack sends what people press. It is no browser, so what it sends has a signature instead of an origin. */
export const SLACK_HOOK = '/hooks/slack';

/** A press carries the message below which the button stands. */
export const HOOK_MAX = 512 * 1024;

const UNSIGNED: problems.Problem = {
  status: 401,
  code: 'unsigned',
  title: 'This is not signed',
  detail: 'Only what Slack signed within the last five minutes is taken, so nothing was done.',
};

const UNREADABLE: problems.Problem = {
  status: 400,
  code: 'unreadable',
  title: 'This cannot be read',
  detail: 'It is signed, and has not the shape that Slack gives to what people press, so nothing was done.',
};

/** Those that are not signed are counted by address; one that is signed is never kept waiting by them. */
export function createSlackHook(
  options: Pick<ReviewSiteOptions, 'slackHook' | 'limits'>,
  kit: SiteKit,
): (c: Ctx) => Promise<Response> {
  return async (c) => {
    const { slackHook } = options;
    if (!slackHook) return kit.refuse(c, problems.NOT_FOUND);
    const answer = await slackHook({
      body: new Uint8Array(await c.req.arrayBuffer()),
      timestamp: c.req.header('x-slack-request-timestamp'),
      signature: c.req.header('x-slack-signature'),
    });
    if (answer.kind === 'taken')
      return answer.body === undefined
        ? c.body('', 200)
        : c.body(JSON.stringify(answer.body), 200, JSON_TYPE);
    if (answer.kind === 'unreadable') return kit.refuse(c, UNREADABLE);
    try {
      await options.limits.count('hook', kit.addressOf(c));
    } catch (thrown) {
      if (!(thrown instanceof LimitError)) throw thrown;
      return kit.refuse(c, problems.problemOf(thrown));
    }
    return kit.refuse(c, UNSIGNED);
  };
}

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };
