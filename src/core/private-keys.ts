import type { SecretSpan } from './secret-span.ts';

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g;
/** A key that is cut off has no end: as much of base64 as follows goes with its beginning. */
const BODY = /(?:[A-Za-z0-9+/=]|\s|\\[nr])*/y;
const LINE_END = /\r?\n|(?:\\r)?\\n/;
const HEADER = /^(?:Proc-Type|DEK-Info|Version|Comment): [\w.,: -]*$/;
const LONGEST = 64 * 1024;

/** Private keys in PEM, whether their line ends are line feeds or escapes of JSON. */
export function privateKeys(text: string): readonly SecretSpan[] {
  if (!text.includes('-----BEGIN ')) return [];
  const ends = [...text.matchAll(END)].map(({ 0: end, index }) => index + end.length);
  const spans: SecretSpan[] = [];
  let next = 0;
  let covered = 0;
  for (const { 0: begin, index: from } of text.matchAll(BEGIN)) {
    if (from < covered) continue;
    while ((ends[next] ?? Infinity) <= from) next += 1;
    const end = ends[next];
    if (end !== undefined && end - from <= LONGEST) covered = end;
    else {
      BODY.lastIndex = from + begin.length;
      covered = BODY.lastIndex + (BODY.exec(text)?.[0].length ?? 0);
    }
    spans.push({ from, to: covered, kind: 'private key', unusual: !isRegular(text.slice(from, covered)) });
  }
  return spans;
}

/** Lines of base64, as long as the first but for the last: what is written among them is no part of a key. */
function isRegular(key: string): boolean {
  const lines = key.split(LINE_END).filter((line) => line !== '' && !HEADER.test(line));
  const body = lines.slice(1, -1);
  const length = body[0]?.length ?? 0;
  return (
    length >= 40 &&
    body.every(
      (line, index) => line.length === length || (index === body.length - 1 && line.length < length),
    ) &&
    body.every((line) => /^[A-Za-z0-9+/]+={0,2}$/.test(line))
  );
}
