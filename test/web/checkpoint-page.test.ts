import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { withConsole, type ConsoleSite } from '../support/console-site.ts';

/** Reads the journal page again and again, as Alice. */
async function reader(site: ConsoleSite): Promise<() => Promise<string>> {
  const alice = new ConsoleBrowser(site);
  await alice.signIn(await site.enrol('alice'));
  return async () => (await alice.get('/console/journal')).text;
}

/** The page's facts by their names, without marks. */
function factsIn(page: string): ReadonlyMap<string, string> {
  const facts = page.matchAll(/<div><dt>(.*?)<\/dt><dd>(.*?)<\/dd><\/div>/gs);
  return new Map(
    [...facts].map(([, name = '', value = '']) => [
      name,
      value
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    ]),
  );
}

test(
  'before the first checkpoint the journal page says that there is none',
  withConsole(async (site) => {
    const page = await (await reader(site))();
    assert.match(page, 'None is signed yet.');
    assert.not.match(page, '<dt>Root</dt>');
  }),
);

test(
  'the journal page shows the newest checkpoint as the mails have it, so that a person can compare it',
  withConsole(async (site) => {
    const read = await reader(site);
    await site.call();
    const { note } = site.signed.sign();
    const [origin, size, root] = note.split('\n');
    await site.journal.append([{ type: 'people.changed', version: 'v1', people: 4, agents: 1 }]);
    const page = await read();
    const facts = factsIn(page);
    assert.is(facts.get('Size'), `${size} entries 1 newer, which the next one covers.`);
    assert.is(facts.get('Root'), root);
    assert.is(facts.get('Log'), origin);
    assert.is(facts.get('Key'), site.signed.key.vkey);
    assert.is(facts.get('Signed'), '23 Nov 2026, 10:00 UTC');
    assert.is(
      facts.get('Witness'),
      'Nobody else is asked to sign. The mails that reviewers keep are the witnesses.',
    );
    assert.not.ok(facts.has('Stamp'));
    assert.match(page, 'href="../checkpoint"');
    assert.match(page, 'placet log verify --witness FILE');
  }),
);

test(
  'it says which witnesses cosigned it and when, and what the authority stamped last',
  withConsole(
    async (site) => {
      const read = await reader(site);
      site.signed.sign();
      assert.is(factsIn(await read()).get('Witness'), 'witness.example has signed none since the start');
      assert.is(factsIn(await read()).get('Stamp'), 'None yet');
      site.signed.sign(Date.parse('2026-11-23T10:00:07Z') / 1000);
      site.signed.world.stamp = { size: 4, at: '2026-11-23T09:59:00.000Z', authority: 'Authority <b>\u202e' };
      const page = await read();
      assert.is(factsIn(page).get('Witness'), 'witness.example signed 23 Nov 2026, 10:00 UTC');
      assert.match(page, 'datetime="2026-11-23T10:00:07.000Z"');
      assert.match(factsIn(page).get('Stamp') ?? '', /^23 Nov 2026, 09:59 UTC for 4 entries, by Authority/);
      assert.not.match(page, /<b>\u202e|\u202e/);
    },
    { witnessed: true },
  ),
);

test(
  'a witness that is behind or does not answer is said to be so',
  withConsole(
    async (site) => {
      const read = await reader(site);
      const trouble = 'witness.example refuses: <b>\u202e';
      site.signed.world.witness = { size: 1, at: '2026-11-23T09:58:00.000Z', trouble };
      site.signed.sign();
      const page = await read();
      assert.match(
        factsIn(page).get('Witness') ?? '',
        'witness.example signed an earlier one, of 1, 23 Nov 2026, 09:58 UTC witness.example refuses: &lt;b&gt;',
      );
      assert.not.match(page, '\u202e');
    },
    { witnessed: true },
  ),
);

test(
  'it says why no checkpoint is signed, and shows the last one all the same',
  withConsole(async (site) => {
    const read = await reader(site);
    site.signed.sign();
    site.signed.world.trouble = 'The checkpoint cannot be written: <b>ENOSPC</b>.';
    const page = await read();
    assert.match(
      page,
      'No checkpoint is signed: The checkpoint cannot be written: &lt;b&gt;ENOSPC&lt;/b&gt;.',
    );
    assert.match(page, '<dt>Root</dt>');
  }),
);

test.run();
