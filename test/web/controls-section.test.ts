import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/core/entry.ts';
import { mappingOf } from '../../src/evidence/controls/match.ts';
import { controlsSection } from '../../src/web/views/controls-section.ts';
import { HTML, withSite } from '../support/review-site.ts';

const mapping = mappingOf([
  {
    framework: {
      id: 'acme',
      title: 'Acme <b>rules</b>',
      version: '1',
      controls: [{ id: 'A\u202e1', title: '"><script>', supports: 'x', limits: 'y' }],
    },
    clauses: [[{ entries: ['approval.resolved'], where: {}, shows: 'It was <i>settled</i>.' }]],
  },
]);

test("a workspace's own words are shown and never obeyed", async () => {
  const html = String(await controlsSection(mapping, [{ type: 'approval.resolved' } as Entry]));
  assert.match(html, 'Evidence supporting 1 control<');
  assert.match(html, 'Acme &lt;b&gt;rules&lt;/b&gt;');
  assert.match(html, 'It was &lt;i&gt;settled&lt;/i&gt;.');
  assert.not.match(html, '<script>');
  assert.not.match(html, '\u202e');
});

test('what is evidence for nothing has no section', async () => {
  assert.is(String(await controlsSection(mapping, [{ type: 'notice.sent' } as Entry])), '');
});

test(
  'a page names the controls once it is decided, and not before',
  withSite(async (site) => {
    const request = site.memory.open();
    const token = site.fake.issue(request.id);
    assert.not.match((await site.ask(`/r/${token}`, { headers: HTML })).text, 'Evidence supporting');
    await site.decide(token);
    const { text } = await site.ask(`/r/${token}`, { headers: HTML });
    assert.match(text, /Evidence supporting \d+ controls/);
    assert.match(text, 'SOC 2, AICPA Trust Services Criteria');
    assert.match(text, 'It does not say that a control is met.');
  }),
);

test.run();
