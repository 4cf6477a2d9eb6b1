import type { Authenticator } from '../authenticator.ts';
import { decisionForms, formIn, signedFields, type ConsoleBrowser } from '../console-browser.ts';
import type { Answered } from '../console-site.ts';
import type { Outside } from '../outside.ts';
import { decide, linkIn, openPage } from '../reviewer.ts';
import type { Post } from './post.ts';
import type { Counter } from './tally.ts';

export type Decision = 'approve' | 'reject';

/** One decision that somebody is about to make. */
export interface Deciding {
  readonly id: string;
  /** The tool's own name. */
  readonly tool: string;
  readonly decision: Decision;
  readonly reason: string;
}

/** The people of the workload, each with the way by which they decide. Whatever is refused throws. */
export interface Reviewers {
  /** Types the tool's name at the page of the link. */
  byLink(person: string, deciding: Deciding): Promise<void>;
  /** Signs at the page of the link. */
  byPasskey(person: string, deciding: Deciding): Promise<void>;
  /** With a key that may decide, at the API. */
  byKey(person: string, deciding: Deciding): Promise<void>;
  /** With a passkey that signed elsewhere, at the API. */
  bySignature(person: string, deciding: Deciding): Promise<void>;
  /** Invites a person, who enrols a key. */
  enrol(person: string): Promise<void>;
  /** Makes a key for the API in the console. @returns it */
  makeKey(person: string, scope: 'read' | 'decide'): Promise<string>;
  keyOf(person: string): Authenticator;
  /** A browser that is signed in. */
  browserOf(person: string): Promise<ConsoleBrowser>;
  linkOf(person: string, requestId: string): Promise<string>;
}

/** With so many requests to a key the API puts its holder off, so that another takes over. */
const USES_OF_A_KEY = 250;

export function createReviewers(options: {
  readonly site: Outside;
  readonly post: Post;
  readonly counter: Counter;
}): Reviewers {
  const { site, post, counter } = options;
  const passkeys = new Map<string, Authenticator>();
  const browsers = new Map<string, Promise<ConsoleBrowser>>();
  const apiKeys = new Map<string, { key: Promise<string>; uses: number }>();
  let decisions = 0;

  const keyOf = (person: string): Authenticator => {
    const key = passkeys.get(person);
    if (!key) throw new Error(`${person} has no passkey.`);
    return key;
  };

  const browserOf = (person: string): Promise<ConsoleBrowser> => {
    const known = browsers.get(person);
    if (known) return known;
    const browser = site.browser();
    const signedIn = browser.signIn(keyOf(person)).then((answer) => {
      must(answer, 303);
      return browser;
    });
    browsers.set(person, signedIn);
    return signedIn;
  };

  async function makeKey(person: string, scope: 'read' | 'decide'): Promise<string> {
    const browser = await browserOf(person);
    const begin = formIn(await browser.get('/console/me'), 'me/keys/begin');
    const wanted = { ...begin.fields, name: `To ${scope}, no. ${decisions}`, scope, days: '30' };
    const asked = await browser.post('/console/me/keys/begin', wanted);
    const fields = signedFields(formIn(asked, 'me/keys'), keyOf(person));
    const made = await browser.post('/console/me/keys', fields);
    const [, key] = /<pre[^>]*>(plr_[^<]+)<\/pre>/.exec(made.text) ?? [];
    if (key === undefined) throw new Error(`No key was made: ${made.text}`);
    counter.plant('reviewer_key');
    return key;
  }

  function apiKeyOf(person: string, scope: 'read' | 'decide'): Promise<string> {
    const standing = apiKeys.get(`${person} ${scope}`);
    if (standing && standing.uses < USES_OF_A_KEY) {
      standing.uses += 2;
      return standing.key;
    }
    const key = makeKey(person, scope);
    apiKeys.set(`${person} ${scope}`, { key, uses: 2 });
    return key;
  }

  async function atApi(
    key: string,
    id: string,
    bodyOf: (seen: Shown) => object,
  ): Promise<{ readonly verification: string }> {
    const bearer = { accept: 'application/json', authorization: `Bearer ${key}` };
    const path = `/api/v1/requests/${id}`;
    const shown = must(await site.ask(path, { headers: bearer }), 200);
    decisions += 1;
    const answer = await site.ask(`${path}/decisions`, {
      method: 'POST',
      body: JSON.stringify(bodyOf(JSON.parse(shown.text) as Shown)),
      headers: { ...bearer, 'content-type': 'application/json', 'idempotency-key': `decision-${decisions}` },
    });
    return JSON.parse(must(answer, 200).text) as { verification: string };
  }

  const linkOf = async (person: string, requestId: string): Promise<string> =>
    linkIn(await post.ask(requestId, person));

  return {
    keyOf,
    browserOf,
    makeKey,
    linkOf,
    async enrol(person) {
      passkeys.set(person, await site.enrol(person));
    },

    async byLink(person, { id, tool, decision, reason }) {
      const page = await openPage(await linkOf(person, id));
      const status = await decide(page, { decision, confirm: tool, reason });
      if (status !== 303) throw new Error(`${person} could not ${decision} ${id}: ${status}`);
      counter.decided({ request_id: id, person, decision, verification: 'link' });
    },

    async byPasskey(person, { id, decision, reason }) {
      const path = new URL(await linkOf(person, id)).pathname;
      const browser = site.browser();
      const { signed } = decisionForms(await browser.get(path));
      if (!signed) throw new Error(`Nothing is to be signed at ${path}.`);
      const fields = { ...signedFields(signed, keyOf(person), decision), decision, reason };
      must(await browser.post(`${path}/decision`, fields), 303);
      counter.decided({ request_id: id, person, decision, verification: 'passkey' });
    },

    async byKey(person, { id, tool, decision, reason }) {
      const key = await apiKeyOf(person, 'decide');
      await atApi(key, id, ({ card_digest }) => ({ decision, card_digest, confirm: tool, reason }));
      counter.decided({ request_id: id, person, decision, verification: 'api' });
    },

    async bySignature(person, { id, decision, reason }) {
      const key = await apiKeyOf(person, 'read');
      await atApi(key, id, ({ card_digest, challenge }) => {
        const assertion = keyOf(person).assert(challenge[decision]);
        return { decision, card_digest, reason, assertion, proof: challenge.proof };
      });
      counter.decided({ request_id: id, person, decision, verification: 'passkey' });
    },
  };
}

interface Shown {
  readonly card_digest: string;
  readonly challenge: { readonly proof: string } & Record<Decision, Parameters<Authenticator['assert']>[0]>;
}

/** @throws Error when the site answered otherwise */
export function must(answer: Answered, status: number): Answered {
  if (answer.status === status) return answer;
  throw new Error(`The site answered ${answer.status} and not ${status}: ${answer.text.slice(0, 2000)}`);
}
