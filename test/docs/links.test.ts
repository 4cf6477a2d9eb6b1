import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anchorsOf, linksOf } from '../support/markdown.ts';

const ROOT = join(import.meta.dirname, '../..');

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
    .sort(),
];

/** What is wrong with a link of a page; nothing when it leads somewhere. */
function faultOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), decodeURIComponent(path));
  if (!existsSync(target)) return `${page}: ${link} does not exist`;
  if (anchor === undefined || statSync(target).isDirectory()) return undefined;
  return anchorsOf(readFileSync(target, 'utf8')).has(anchor)
    ? undefined
    : `${page}: ${relative(ROOT, target)} has no heading #${anchor}`;
}

test('every link within the documentation leads to a file, and to a heading in it', () => {
  assert.ok(pages.length > 10);
  const faults = pages.flatMap((page) =>
    linksOf(readFileSync(join(ROOT, page), 'utf8')).flatMap((link) => faultOf(page, link) ?? []),
  );
  assert.equal(faults, []);
});

test('links and headings are found as GitHub finds them', () => {
  const text =
    '# One `two`: three, four?\n\n[a](b.md#c) ![d](e.svg "f") [g](<h i.md>) [j](https://k.example)\n\n```\n# no\n[no](no.md)\n```\n\n`[no](no.md)`\n\n## Again\n\n## Again\n\n[l]: m.md\n';
  assert.equal(linksOf(text), ['b.md#c', 'e.svg', 'h i.md', 'm.md']);
  assert.equal([...anchorsOf(text)], ['one-two-three-four', 'again', 'again-1']);
});

test.run();
