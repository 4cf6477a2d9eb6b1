import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gatherFacts } from '../../../src/evidence/report/gather.ts';
import { reportPage } from '../../../src/evidence/report/report-page.ts';
import { sampleIndexPage } from '../../../src/evidence/report/sample/index-page.ts';
import { samplePage } from '../../../src/evidence/report/sample/sample-page.ts';
import type { Write } from '../../support/report-calls.ts';
import { reportInput } from '../../support/report-world.ts';

const ATTACKS: readonly (readonly [string, string])[] = [
  ['a tag', '<img src=x onerror=alert(1)>'],
  ['a script', '</title></style><script>alert(1)</script>'],
  ['the end of an attribute', '" onmouseover="alert(1)" x=\''],
  ['a comment', '<!-- --><![CDATA['],
  ['an entity', '&lt;b&gt;&#60;b&#62;'],
  ['the end of a drawing', '</text></svg><foreignObject><b>'],
];

async function pages(write?: Write): Promise<readonly string[]> {
  const facts = await gatherFacts(reportInput(write));
  return [
    reportPage({ ...facts, no_pdf: 'no PDF' }),
    reportPage(facts, 'paper'),
    sampleIndexPage(facts),
    ...facts.sample.calls.map((call) => samplePage(call, facts)),
  ];
}

/** The tags of a page with their attributes, but for the marks that hidden characters are named in. */
function tagsOf(page: string): readonly string[] {
  return (page.match(/<[^>]*>/g) ?? []).filter((tag) => !/^<\/?(mark|i class="lay"|i)>?$/.test(tag));
}

for (const [title, attack] of ATTACKS) {
  test(`${title} in every text makes no tag and no attribute`, async () => {
    const tame = await pages();
    const hostile = await pages((text) => `${attack}${text}`);
    assert.is(hostile.length, 5);
    for (const [index, page] of hostile.entries()) {
      assert.equal(tagsOf(page), tagsOf(tame[index] ?? ''));
      assert.not(page.includes(attack));
    }
  });
}

test('what is hidden in any text is named, and stands nowhere as it is', async () => {
  for (const page of await pages((text) => `\u202e\u200b${text}\u{e0041}\u0007`)) {
    for (const hidden of ['\u202e', '\u200b', '\u{e0041}', '\u0007']) assert.not(page.includes(hidden));
    assert.match(page, '<mark>U+202E right-to-left override</mark>');
    assert.match(page, '<mark>U+200B zero-width space</mark>');
  }
});

test('the label of a bar names what is hidden in it, too', async () => {
  const [page = ''] = await pages((text) => `\u202e${text}`);
  assert.match(page, '>[U+202E right-to-left override]crm/[U+202E righ…</text>');
});

test('a text of agents that says what the report says is still set off as theirs', async () => {
  const facts = await gatherFacts(reportInput((text) => `${text}\nOutcome\nSucceeded`));
  const page = facts.sample.calls.map((call) => samplePage(call, facts)).join('');
  assert.match(page, 'Invoice 2026-1178<i class="lay">↵</i>\nOutcome<i class="lay">↵</i>\nSucceeded</pre>');
});

test.run();
