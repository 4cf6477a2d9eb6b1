import { ConsoleBrowser, signedFields } from './console-browser.ts';
import type { ConsoleSite } from './console-site.ts';
import { TEAM, type FakeSlack, type HookReply } from './fake-slack.ts';
import { until } from './journal-suite.ts';
import { drawn } from './slack-drawing.ts';
import type { ShownView } from './slack-schema.ts';

/** Somebody who presses buttons in the fake Slack of a site. */
export interface SlackPerson {
  /** Presses a button below a message. @returns the dialog that opens */
  press(action: 'placet_approve' | 'placet_reject', requestId: string): Promise<ShownView>;
  /** Sends the newest dialog off. @returns the answer to it */
  submit(confirm: string, reason?: string | null, view?: ShownView): Promise<SlackAnswer>;
}

export interface SlackAnswer {
  readonly response_action?: 'errors' | 'update';
  readonly errors?: Readonly<Record<string, string>>;
  readonly view?: ShownView;
}

export function fakeOf({ slack }: Pick<ConsoleSite, 'slack'>): FakeSlack {
  if (!slack) throw new Error('There is no Slack here.');
  return slack;
}

export function slackPerson(site: ConsoleSite, user: string, team = TEAM): SlackPerson {
  const slack = fakeOf(site);
  const url = `${site.base}/hooks/slack`;
  return {
    async press(action, requestId) {
      const before = slack.dialogs.length;
      const { status, text } = await slack.deliver(url, slack.pressed(user, action, requestId, team));
      if (status !== 200 || text !== '') throw new Error(`The press was answered by ${status} ${text}`);
      await until(() => slack.dialogs.length > before);
      const view = slack.dialogs.at(-1);
      if (!view) throw new Error('No dialog opened.');
      return view;
    },
    submit: async (confirm, reason = null, view = slack.dialogs.at(-1)) =>
      answerOf(await slack.deliver(url, slack.submitted(user, { confirm, reason }, view, team))),
  };
}

export function answerOf({ status, text }: HookReply): SlackAnswer {
  if (status !== 200) throw new Error(`The dialog was answered by ${status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as SlackAnswer;
}

/** What a dialog says, and where it leads. */
export function read(view: ShownView): {
  readonly title: string;
  readonly text: string;
  readonly links: readonly string[];
} {
  const { seen, links } = drawn(view.blocks, '');
  return { title: view.title.text, text: seen, links };
}

/** The address of the page that links an account, as a dialog in Slack leads to it. */
export function linkPath(site: ConsoleSite, user: string, team = TEAM): string {
  return `/console/link/slack?state=${site.accounts.seal({ team, user, name: user.toLowerCase(), domain: 'acme' })}`;
}

/** Signs in with a new key, and says that an account is theirs. */
export async function linkAccount(site: ConsoleSite, person: string, user: string): Promise<ConsoleBrowser> {
  const key = await site.enrol(person);
  const browser = new ConsoleBrowser(site);
  await browser.signIn(key);
  const form = await browser.form(linkPath(site, user), 'console/link/slack');
  const { status, text } = await browser.post('/console/link/slack', signedFields(form, key));
  if (status !== 303) throw new Error(`The account was not linked: ${text}`);
  return browser;
}
