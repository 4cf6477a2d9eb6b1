import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rule } from '../../src/core/policy.ts';
import { ConsoleBrowser, formIn, formsIn, signedFields } from '../support/console-browser.ts';
import { CONSOLE_REVIEW, withConsole, type ConsoleSite } from '../support/console-site.ts';

const KEY = 'AKIAIOSFODNN7EXAMPLQ';
const ARGS = { path: '/srv/a', script: `KEY=${KEY}\n` };

const reveals = (tool: string, verification: 'link' | 'passkey'): Rule => ({
  id: tool,
  match: { tool: (name) => name === tool },
  verdict: 'review',
  review: { ...CONSOLE_REVIEW, verification, reveal: true },
});
const MADE = { tools: ['wipe_disk'], rules: [reveals('move_file', 'link'), reveals('wipe_disk', 'passkey')] };

async function signedIn(site: ConsoleSite, person: string) {
  const browser = new ConsoleBrowser(site);
  const key = await site.enrol(person);
  await browser.signIn(key);
  return { browser, key };
}
const revealed = (site: ConsoleSite) => site.journal.entries.filter(({ type }) => type === 'secret.revealed');

test(
  'behind a link the secrets are shown to who types the name of the tool, in that answer alone',
  withConsole(async (site) => {
    const token = await site.link(await site.call('move_file', ARGS), 'alice');
    const browser = new ConsoleBrowser(site);
    const page = await browser.get(`/r/${token}`);
    assert.not.match(page.text, KEY);
    assert.match(page.text, 'KEY=[secret: AWS key, 16 to 31 characters]');
    assert.match(page.text, '1 value of this call is masked');
    const form = formIn(page, '/reveal');
    const answer = await browser.post(`/r/${token}/reveal`, {
      ...form.fields,
      reveal: 'show',
      confirm: 'move_file',
    });
    assert.is(answer.status, 200);
    assert.match(answer.text, `<pre class="value" dir="ltr">${KEY}</pre>`);
    assert.is(answer.headers['cache-control'], 'no-store');
    assert.is(revealed(site).length, 1);
    assert.not.match((await browser.get(`/r/${token}`)).text, KEY);
    assert.not.match(JSON.stringify(site.journal.entries), KEY);
  }, MADE),
);

test(
  'no GET shows them, and neither does a scanner that fills in and submits every form with every button',
  withConsole(async (site) => {
    const token = await site.link(await site.call('move_file', ARGS), 'alice');
    const browser = new ConsoleBrowser(site);
    const page = await browser.get(`/r/${token}`);
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      const answer = await site.ask(`/r/${token}/reveal?reveal=show&confirm=move_file`, { method });
      assert.not.match(answer.text, KEY);
    }
    for (const form of formsIn(page.text)) {
      for (const button of ['show', 'approve', '']) {
        for (const typed of ['', 'test', 'https://scanner.example/']) {
          const fields = { ...form.fields, reveal: button, confirm: typed };
          assert.not.match((await browser.post(`/r/${token}/reveal`, fields)).text, KEY);
        }
      }
    }
    assert.equal(revealed(site), []);
  }, MADE),
);

test(
  'a form that was not served here, or to somebody else, or comes from another site shows nothing',
  withConsole(async (site) => {
    const id = await site.call('move_file', ARGS);
    const [token, other] = [await site.link(id, 'alice'), await site.link(id, 'carol')];
    const browser = new ConsoleBrowser(site);
    const { fields } = formIn(await browser.get(`/r/${other}`), '/reveal');
    const typed = { reveal: 'show', confirm: 'move_file' };
    for (const attempt of [
      browser.post(`/r/${token}/reveal`, typed),
      browser.post(`/r/${token}/reveal`, { ...fields, ...typed }),
      browser.post(
        `/r/${other}/reveal`,
        { ...fields, ...typed },
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      ),
      browser.post(`/r/${'x'.repeat(43)}/reveal`, { ...fields, ...typed }),
    ]) {
      const answer = await attempt;
      assert.ok(answer.status >= 400, String(answer.status));
      assert.not.match(answer.text, KEY);
    }
    assert.equal(revealed(site), []);
  }, MADE),
);

test(
  'in the console a passkey signs for it, once',
  withConsole(async (site) => {
    const id = await site.call('wipe_disk', ARGS);
    const { browser, key } = await signedIn(site, 'alice');
    const here = `/console/requests/${id}`;
    const form = await browser.form(here, '/reveal');
    const fields = { ...signedFields(form, key, 'show'), reveal: 'show' };
    const answer = await browser.post(`${here}/reveal`, fields);
    assert.is(answer.status, 200);
    assert.match(answer.text, KEY);
    assert.is((await browser.post(`${here}/reveal`, fields)).status, 403);
    const [entry] = revealed(site);
    assert.is(entry?.type === 'secret.revealed' && entry.receipt?.kind, 'passkey');
    const page = await browser.get(here);
    assert.not.match(page.text, KEY);
    assert.match(page.text, 'The secrets of the call were shown to Alice');
  }, MADE),
);

test(
  'where the rule does not allow it, and to who only watches, there is no form',
  withConsole(async (site) => {
    const token = await site.link(await site.call('write_file', ARGS), 'alice');
    const page = await new ConsoleBrowser(site).get(`/r/${token}`);
    assert.not.match(page.text, '/reveal"');
    assert.match(page.text, 'The rules of this call let nobody see them.');
    const watched = await site.call('move_file', ARGS);
    const { browser } = await signedIn(site, 'bob');
    const theirs = await browser.get(`/console/requests/${watched}`);
    assert.not.match(theirs.text, '/reveal"');
    assert.not.match(theirs.text, KEY);
  }, MADE),
);

test(
  'the API shows marks alone',
  withConsole(async (site) => {
    const id = await site.call('move_file', ARGS);
    const view = await site.guard.reviews.view({ kind: 'session', person: 'alice', request_id: id });
    assert.not.match(JSON.stringify(view), KEY);
    assert.match(JSON.stringify(view.args), '[secret: AWS key, 16 to 31 characters, ');
  }, MADE),
);

test.run();
