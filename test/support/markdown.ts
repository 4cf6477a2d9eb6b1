/** The text without its code, in which nothing is a link or a heading. */
function prose(text: string): string {
  return text.replaceAll(/^(```+).*\n[^]*?^\1$/gm, '');
}

/** The addresses to which a page links by a path, in their order; those that name a protocol are left out. */
export function linksOf(text: string): readonly string[] {
  const found = prose(text)
    .replaceAll(/`[^`\n]*`/g, '`')
    .matchAll(/\]\((?:<([^>]*)>|([^\s)]+))[^)]*\)|^\[[^\]]+\]:\s+(\S+)/gm);
  return [...found]
    .map(([, angled, plain, reference]) => angled ?? plain ?? reference ?? '')
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, title = ''] of prose(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What stands under a heading, up to the next one that is not below it. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^#{1,6} /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`There is no heading "${heading}".`);
  const level = lines[start]?.indexOf(' ') ?? 0;
  const after = lines.slice(start + 1);
  const end = after.findIndex((line) => /^#{1,6} /.test(line) && line.indexOf(' ') <= level);
  return after.slice(0, end < 0 ? undefined : end).join('\n');
}

/** The names that begin the rows of a text's tables, set as code. */
export function rowNamesOf(text: string): readonly string[] {
  return [...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name = '']) => name);
}
