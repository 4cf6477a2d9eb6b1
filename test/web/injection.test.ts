import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HTML, withSite } from '../support/review-site.ts';

const HTML_PAYLOAD = `"><script>alert(1)</script><img src=x onerror=alert(1)>'</pre></textarea>`;

test(
  'HTML in any text of agent, tool or server is text on the page',
  withSite(async (site) => {
    const evil = HTML_PAYLOAD;
    const request = site.memory.open({
      args: { [evil]: evil, nested: { [evil]: [evil] } },
      card: {
        tool: evil,
        tool_name: evil,
        server: evil,
        title: evil,
        description: evil,
        agent: evil,
        client: evil,
        summary: evil,
        summary_trouble: evil,
        tags: [evil],
        input_check: { unchecked: evil },
        runs: evil,
        said: evil,
        session: evil,
        why: evil,
      },
    });
    site.fake.shown.last_args = { [evil]: `${evil} before`, [`${evil} gone`]: evil };
    const page = await site.ask(`/r/${site.fake.issue(request.id)}`, { headers: HTML });
    assert.is(page.status, 200);
    assert.is(page.text.match(/<script/g)?.length, 1);
    assert.not.match(page.text, '<img src=x');
    assert.is(page.text.match(/<\/textarea>/g)?.length, 1);
    assert.match(page.text, '&lt;script&gt;alert(1)&lt;/script&gt;');
  }),
);

test(
  "HTML in a reviewer's reason is text on the page of the others",
  withSite(async (site) => {
    const request = site.memory.open();
    const others = site.fake.issue(request.id, 'carol');
    await site.decide(site.fake.issue(request.id), { reason: HTML_PAYLOAD });
    assert.is((await site.ask(`/r/${others}`)).text.match(/<script/g)?.length, 1);
  }),
);

const HIDDEN: readonly (readonly [string, string, string])[] = [
  ['a right-to-left override', 'exe.\u202egpj', '<mark>U+202E right-to-left override</mark>'],
  ['a tag character', 'ok\u{e0068}', '<mark>U+E0068 tag h</mark>'],
  ['a zero-width space', 'a\u200bb', '<mark>U+200B zero-width space</mark>'],
  ['a carriage return', 'a\rb', '<mark>U+000D carriage return</mark>'],
  ['a null', 'a\0b', '<mark>U+0000 null</mark>'],
  ['many in a row', '\u200b'.repeat(1200), '<mark>U+200B zero-width space ×1,200</mark>'],
];

for (const [what, text, seen] of HIDDEN) {
  test(
    `${what} in a value, a name and a summary is drawn as a mark and warned of`,
    withSite(async (site) => {
      const request = site.memory.open({ args: { value: text, [`k${text}`]: 1 }, card: { summary: text } });
      const page = await site.ask(`/r/${site.fake.issue(request.id)}`, { headers: HTML });
      assert.ok(page.text.split(seen).length - 1 >= 2, `seen ${page.text.split(seen).length - 1} times`);
      assert.match(page.text, 'Look twice');
      assert.not.match(page.text, /[\u202e\u200b\0\r]|[\u{e0000}-\u{e007f}]/u);
    }),
  );
}

test(
  'a line feed is shown and breaks the line',
  withSite(async (site) => {
    const request = site.memory.open({ args: { text: 'one\ntwo' } });
    const page = await site.ask(`/r/${site.fake.issue(request.id)}`);
    assert.match(page.text, 'one<i class="lay">↵</i>\ntwo');
  }),
);

test(
  'a word of mixed scripts is warned of',
  withSite(async (site) => {
    const request = site.memory.open({ args: { to: 'pаypal' } });
    const page = await site.ask(`/r/${site.fake.issue(request.id)}`);
    assert.match(page.text, '“pаypal” (Cyrillic and Latin)');
  }),
);

test.run();
