import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JsonObject } from '../../src/core/json.ts';
import { ConsoleBrowser, formIn, formsIn, signedFields } from '../support/console-browser.ts';
import { CONSOLE_PEOPLE, withConsole, type ConsoleSite } from '../support/console-site.ts';

const ACCEPT = '/console/tools/accept';
const EVIL = '<script>alert(1)</script>\u202e';
const WAS: JsonObject = { name: 'read_file', description: 'Reads a file.', inputSchema: { type: 'object' } };
const NOW: JsonObject = { ...WAS, description: `Reads a file. ${EVIL}` };

async function signedIn(site: ConsoleSite, person = 'alice') {
  const browser = new ConsoleBrowser(site);
  const key = await site.enrol(person);
  await browser.signIn(key);
  return { browser, key };
}

async function change(site: ConsoleSite, to = 'd2', from = 'd1', tool = 'read_file'): Promise<void> {
  site.definitions.set('d1', WAS).set('d2', NOW).set('d3', WAS);
  const of = { server: 'files', tool, definition_sha256: to, previous_sha256: from };
  await site.journal.append([{ type: 'tool.definition_changed', ...of }]);
}

/** The path of the page of the one definition that waits. */
async function pathOf(browser: ConsoleBrowser): Promise<string> {
  const { text } = await browser.get('/console/tools');
  const found = [...text.matchAll(/href="\.\.(\/console\/tools\/[0-9a-f]{64})"/g)];
  assert.is(found.length, 1);
  return found[0]?.[1] ?? '';
}

const acceptances = (site: ConsoleSite) =>
  site.journal.entries.filter((entry) => entry.type === 'tool.definition_accepted');

/** Goes to the provider and comes back. @returns what the callback answers */
async function round(browser: ConsoleBrowser, query: string) {
  const start = await browser.get(`/sso/start?${query}`);
  assert.is(start.status, 302);
  const state = new URL(start.headers.location ?? '').searchParams.get('state');
  return browser.get(`/sso/callback?code=c&state=${state}`);
}

test(
  'the page lists what waits, its navigation counts it, and without a change it says that there is none',
  withConsole(async (site) => {
    const { browser } = await signedIn(site);
    const none = await browser.get('/console/tools');
    assert.match(none.text, 'No change waits');
    assert.not.match(none.text, 'to look at');
    await change(site);
    const page = await browser.get('/console/tools');
    assert.match(page.text, '<code>read_file</code></a>');
    assert.match(page.text, 'on files <span class="tag changed">changed</span>');
    assert.match(page.text, '<time datetime="2026-11-23T10:00:00.000Z"');
    assert.match(page.text, 'Tools <span class="count some">1<span class="unseen"> to look at</span>');
    assert.match(page.text, 'data-live="../console/events"');
  }),
);

test(
  'of very many a hundred are listed, and the rest is said',
  withConsole(async (site) => {
    await site.journal.append(
      Array.from({ length: 103 }, (_, index) => ({
        type: 'tool.registered' as const,
        server: 'files',
        tool: `new_${index}`,
        definition_sha256: 'd2',
        late: true as const,
      })),
    );
    const { browser } = await signedIn(site);
    const { text } = await browser.get('/console/tools');
    assert.is([...text.matchAll(/class="tag added">new</g)].length, 100);
    assert.match(text, '3 more changes will be listed here');
  }),
);

test(
  'a definition’s page shows what differs, with what hides in it made visible, and what the key will sign',
  withConsole(async (site) => {
    await change(site);
    const { browser } = await signedIn(site);
    const { text } = await browser.get(await pathOf(browser));
    assert.match(text, 'The definition of this tool has changed since it was accepted: 1 difference.');
    assert.match(text, 'Not what it looks like: <code dir="ltr">description</code> holds U+202E');
    assert.match(text, 'written by the server');
    assert.match(text, '<ins> &lt;script&gt;alert(1)&lt;/script&gt;<mark>U+202E');
    assert.match(text, '<pre class="value" dir="ltr">Reads a file.</pre>');
    assert.match(text, 'The whole definition as it is now');
    assert.not.match(text, '<script>alert');
    assert.not.match(text, '\u202e');
    assert.match(text, 'Accept with passkey');
    assert.match(text, 'data-live="../../console/events"');
  }),
);

test(
  'server, tool and paths are the server’s, and text on every page',
  withConsole(async (site) => {
    site.definitions.set('d9', { [`"><img src=x>\u202e`]: EVIL });
    await site.journal.append([
      { type: 'tool.registered', server: EVIL, tool: `../${EVIL}"`, definition_sha256: 'd9', late: true },
    ]);
    const { browser } = await signedIn(site);
    const path = await pathOf(browser);
    for (const page of ['/console/tools', path]) {
      const answer = await browser.get(page);
      assert.is(answer.status, 200);
      assert.not.match(answer.text, '<script>alert');
      assert.not.match(answer.text, '<img src=x');
      assert.not.match(answer.text, '\u202e');
    }
  }),
);

test(
  'a passkey’s signature accepts the definition, leads back to the list, and the verified receipt is journalled',
  withConsole(async (site) => {
    await change(site);
    const { browser, key } = await signedIn(site);
    const form = await browser.form(await pathOf(browser), 'tools/accept');
    const answer = await browser.post(ACCEPT, { ...signedFields(form, key), reason: 'Read\r\nit.' });
    assert.is(answer.status, 303);
    assert.is(answer.headers.location, '../../console/tools');
    const [entry] = acceptances(site);
    assert.equal(
      [entry?.reviewer, entry?.definition_sha256, entry?.reason, entry?.receipt?.kind],
      ['alice', 'd2', 'Read\nit.', 'passkey'],
    );
    assert.match((await browser.get('/console/tools')).text, 'No change waits');
  }),
);

test(
  'to look appends nothing, whatever the method',
  withConsole(async (site) => {
    await change(site);
    const { browser } = await signedIn(site);
    const path = await pathOf(browser);
    const before = site.journal.entries.length;
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      for (const page of ['/console/tools', path, ACCEPT, `${path}?accept=yes`]) {
        await site.ask(page, { method, headers: { cookie } });
      }
    }
    assert.is(site.journal.entries.length, before);
  }),
);

test(
  'a form that was forged, or served to somebody else or for something else, accepts nothing',
  withConsole(async (site) => {
    await change(site);
    const { browser, key } = await signedIn(site);
    const carol = await signedIn(site, 'carol');
    const path = await pathOf(browser);
    const form = await browser.form(path, 'tools/accept');
    const fields = signedFields(form, key);
    const carols = await carol.browser.form(path, 'tools/accept');
    const signOut = await browser.form(path, 'sign-out');
    const tries: readonly (readonly [number, Record<string, string>])[] = [
      [403, { ...fields, proof: 'forged' }],
      [403, { ...fields, proof: '' }],
      [403, { ...fields, proof: carols.fields['proof'] ?? '' }],
      [403, { ...fields, proof: signOut.fields['proof'] ?? '' }],
      [403, signedFields(form, carol.key)],
      [403, { ...fields, assertion: signedFields(carols, carol.key)['assertion'] ?? '' }],
      [422, form.fields],
      [422, { ...form.fields, confirm: 'read_file' }],
      [403, { ...form.fields, confirm: 'read_file', sign_on: 'forged' }],
      [422, { ...fields, reason: 'r'.repeat(4001) }],
    ];
    for (const [status, posted] of tries) assert.is((await browser.post(ACCEPT, posted)).status, status);
    assert.is(
      (await browser.post(ACCEPT, `${new URLSearchParams(fields).toString()}&reason=x&reason=y`)).status,
      400,
    );
    assert.is((await carol.browser.post(ACCEPT, fields)).status, 403);
    assert.equal(acceptances(site), []);
    assert.is((await browser.post(ACCEPT, fields)).status, 303);
  }),
);

test(
  'a form from another site, as another type, or without a session does nothing',
  withConsole(async (site) => {
    await change(site);
    const { browser, key } = await signedIn(site);
    const fields = signedFields(await browser.form(await pathOf(browser), 'tools/accept'), key);
    const post = async (headers: Record<string, string>) =>
      (await browser.post(ACCEPT, fields, headers)).status;
    assert.is(await post({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }), 403);
    assert.is(await post({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.is(await post({ 'content-type': 'application/json' }), 415);
    assert.is(await post({ cookie: '' }), 401);
    assert.equal(acceptances(site), []);
  }),
);

test(
  'a signature for one definition accepts no other',
  withConsole(async (site) => {
    await change(site);
    await change(site, 'd3', 'd1', 'write_file');
    const { browser, key } = await signedIn(site);
    const list = (await browser.get('/console/tools')).text;
    const [read = '', write = ''] = [...list.matchAll(/href="\.\.(\/console\/tools\/[0-9a-f]{64})"/g)].map(
      ([, path]) => path,
    );
    const [one, other] = [
      await browser.form(read, 'tools/accept'),
      await browser.form(write, 'tools/accept'),
    ];
    const signature = signedFields(one, key)['assertion'] ?? '';
    assert.is((await browser.post(ACCEPT, { ...other.fields, assertion: signature })).status, 403);
    assert.equal(acceptances(site), []);
  }),
);

test(
  'what was posted once is refused when it is posted again',
  withConsole(async (site) => {
    await change(site);
    const { browser, key } = await signedIn(site);
    const fields = signedFields(await browser.form(await pathOf(browser), 'tools/accept'), key);
    assert.is((await browser.post(ACCEPT, fields)).status, 303);
    const again = await browser.post(ACCEPT, fields);
    assert.is(again.status, 409);
    assert.match(again.text, 'somebody has accepted it');
    assert.is(acceptances(site).length, 1);
  }),
);

test(
  'what changed while somebody looked is told on the list, and not accepted',
  withConsole(async (site) => {
    await change(site);
    const { browser, key } = await signedIn(site);
    const path = await pathOf(browser);
    const fields = signedFields(await browser.form(path, 'tools/accept'), key);
    await change(site, 'd3', 'd2');
    const answer = await browser.post(ACCEPT, fields);
    assert.is(answer.status, 409);
    assert.match(answer.text, 'the server has given another one since');
    assert.match(answer.text, '<code>read_file</code></a>');
    assert.not.match(answer.text, 'data-live');
    assert.is((await browser.get(path)).status, 409);
    assert.is((await browser.get('/console/tools/nothing')).status, 409);
    assert.equal(acceptances(site), []);
  }),
);

test(
  'who is no top-level reviewer sees it without a form, and a form of somebody else’s does not help',
  withConsole(async (site) => {
    await change(site);
    const dan = await signedIn(site, 'dan');
    const list = await dan.browser.get('/console/tools');
    assert.not.match(list.text, 'to look at');
    const path = await pathOf(dan.browser);
    const page = await dan.browser.get(path);
    assert.match(page.text, 'The top-level reviewers accept it, and you are none of them.');
    assert.equal(
      formsIn(page.text).map((form) => form.action),
      ['../../sign-out'],
    );
  }),
);

test(
  'who was taken off the list while the page stood open accepts nothing',
  withConsole(async (site) => {
    await change(site);
    const { browser, key } = await signedIn(site);
    const fields = signedFields(await browser.form(await pathOf(browser), 'tools/accept'), key);
    site.setPeople({ ...CONSOLE_PEOPLE, groups: { ops: ['carol'] } });
    assert.is((await browser.post(ACCEPT, fields)).status, 403);
    assert.equal(acceptances(site), []);
  }),
);

test(
  'failed proofs are counted, and too many of them lock the form for a while',
  withConsole(async (site) => {
    await change(site);
    const { browser, key } = await signedIn(site);
    const carols = await site.enrol('carol');
    const form = await browser.form(await pathOf(browser), 'tools/accept');
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1)
      statuses.push((await browser.post(ACCEPT, signedFields(form, carols))).status);
    assert.equal(statuses, [...Array(10).fill(403), 429]);
    assert.is((await browser.post(ACCEPT, signedFields(form, key))).status, 429);
    assert.equal(acceptances(site), []);
  }),
);

test(
  'what was typed as a reason is kept when the proof is refused',
  withConsole(async (site) => {
    await change(site);
    const { browser } = await signedIn(site);
    const form = await browser.form(await pathOf(browser), 'tools/accept');
    const answer = await browser.post(ACCEPT, { ...form.fields, reason: 'I <read> it' });
    assert.is(answer.status, 422);
    assert.match(answer.text, 'I &lt;read&gt; it</textarea>');
    assert.not.match(answer.text, 'data-live');
  }),
);

test(
  'a sign-on made for this and the typed name accept; it serves for no other definition and not twice',
  withConsole(
    async (site) => {
      await change(site);
      const { browser } = await signedIn(site);
      const path = await pathOf(browser);
      const id = path.split('/').at(-1) ?? '';
      assert.match((await browser.get(path)).text, `sso/start?for=definition&amp;id=${id}`);
      const back = await round(browser, `for=definition&id=${id}`);
      assert.is(back.status, 200);
      assert.not.match(back.text, 'data-live');
      assert.equal(site.started.at(-1), {
        purpose: { kind: 'acceptance', person: 'alice', definition: id },
        maxAgeMs: 300_000,
      });
      assert.equal(acceptances(site), []);
      const { fields } = formIn(back, 'tools/accept');
      const wrong = await browser.post(ACCEPT, { ...fields, confirm: 'read' });
      assert.is(wrong.status, 422);
      assert.match(wrong.text, 'name="sign_on"');
      await change(site, 'd3', 'd1', 'write_file');
      const other = (await browser.get('/console/tools')).text.match(/tools\/(?!accept)[0-9a-f]{64}/g) ?? [];
      const another = other.find((each) => !each.includes(id)) ?? '';
      const form = await browser.form(`/console/${another}`, 'tools/accept');
      const moved = { ...form.fields, sign_on: fields['sign_on'] ?? '', confirm: 'write_file' };
      assert.is((await browser.post(ACCEPT, moved)).status, 403);
      assert.is((await browser.post(ACCEPT, { ...fields, confirm: 'read_file' })).status, 303);
      assert.equal([acceptances(site).length, acceptances(site)[0]?.receipt?.kind], [1, 'sso']);
      await change(site, 'd3', 'd2');
      assert.is((await browser.post(ACCEPT, { ...fields, confirm: 'read_file' })).status, 409);
    },
    { sso: true },
  ),
);

test(
  'a sign-on for a definition takes the session that began it',
  withConsole(
    async (site) => {
      await change(site);
      const { browser } = await signedIn(site);
      const id = (await pathOf(browser)).split('/').at(-1) ?? '';
      const stranger = new ConsoleBrowser(site);
      assert.is((await stranger.get(`/sso/start?for=definition&id=${id}`)).headers.location, '../sign-in');
      assert.is((await browser.get('/sso/start?for=definition&id=none')).status, 409);
      const start = await browser.get(`/sso/start?for=definition&id=${id}`);
      const state = new URL(start.headers.location ?? '').searchParams.get('state');
      await browser.post('/sign-out', (await browser.form('/console', 'sign-out')).fields);
      assert.is((await browser.get(`/sso/callback?code=c&state=${state}`)).status, 401);
    },
    { sso: true },
  ),
);

test(
  'behind a proxy that strips a path every address of the pages stays below it',
  withConsole(
    async (site) => {
      await change(site);
      const { browser } = await signedIn(site);
      for (const path of ['/console/tools', await pathOf(browser)]) {
        const { text } = await browser.get(path);
        const addresses = [...text.matchAll(/ (?:href|src|action|data-live)="([^"]*)"/g)].map(([, to]) => to);
        assert.ok(addresses.length > 8);
        assert.equal(
          addresses.filter((to) => !/^\.{1,2}\/|^#/.test(to ?? '')),
          [],
        );
      }
    },
    { publicUrl: 'https://localhost:9/placet' },
  ),
);

test(
  'the page of a held call shows what is different in its tool',
  withConsole(async (site) => {
    await change(site);
    const answer = await site.guard.intercept.call({
      caller: { agent: 'claude-desktop', session: 'ses_1', identity: 'claimed' },
      tool: {
        name: 'files__read_file',
        server: 'files',
        tool: 'read_file',
        definition: NOW,
        definition_sha256: 'd2',
        tags: [],
        summarises: false,
      },
      args: {},
      signal: new AbortController().signal,
    });
    const id = answer.kind === 'pending' ? answer.approval.approval_id : '';
    const { text } = await site.ask(`/r/${await site.link(id, 'alice')}`);
    assert.match(text, 'What is different in the tool');
    assert.match(text, '<ins> &lt;script&gt;alert(1)');
    const unchanged = await site.ask(`/r/${await site.link(await site.call(), 'alice')}`);
    assert.not.match(unchanged.text, 'What is different in the tool');
  }),
);

test.run();
