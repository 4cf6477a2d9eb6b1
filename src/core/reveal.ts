/** A stretch of text as it can be shown: what is seen for what it is, and what has to be named to be seen. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'mark';
      readonly codePoint: number;
      /** Such as `U+202E right-to-left override`. */
      readonly label: string;
      /** How often it stands here in a row. */
      readonly times: number;
    };

export const LINE_FEED = 0x0a;
export const TAB = 0x09;

/**
 * Unicode's categories C*, Zl and Zp, what is ignored by default (variation selectors and tags among it), spaces
 * that are not U+0020, a space where no eye finds it (at the end of a line, or sixteen in a row), punctuation
 * that passes for `/`, `\`, `.` or `:`, and combining marks after the third on one letter.
 */
const HIDDEN =
  /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]| {16,}| +(?=\n|$)|[\u2024\u2044\u2215\u2216\u2236\u29f5\u29f8\ua789\ufe52\ufe68\uff0e\uff0f\uff1a\uff3c]|(?<=\p{M}{3})\p{M}/gu;

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'null'],
  [0x07, 'bell'],
  [0x08, 'backspace'],
  [0x0b, 'vertical tab'],
  [0x0c, 'form feed'],
  [0x0d, 'carriage return'],
  [0x1b, 'escape'],
  [0x20, 'space'],
  [0x7f, 'delete'],
  [0xa0, 'no-break space'],
  [0xad, 'soft hyphen'],
  [0x34f, 'combining grapheme joiner'],
  [0x61c, 'Arabic letter mark'],
  [0x115f, 'Hangul filler'],
  [0x1160, 'Hangul filler'],
  [0x180e, 'Mongolian vowel separator'],
  [0x200b, 'zero-width space'],
  [0x200c, 'zero-width non-joiner'],
  [0x200d, 'zero-width joiner'],
  [0x200e, 'left-to-right mark'],
  [0x200f, 'right-to-left mark'],
  [0x2028, 'line separator'],
  [0x2029, 'paragraph separator'],
  [0x202a, 'left-to-right embedding'],
  [0x202b, 'right-to-left embedding'],
  [0x202c, 'end of bidirectional formatting'],
  [0x202d, 'left-to-right override'],
  [0x202e, 'right-to-left override'],
  [0x202f, 'narrow no-break space'],
  [0x2060, 'word joiner'],
  [0x2066, 'left-to-right isolate'],
  [0x2067, 'right-to-left isolate'],
  [0x2068, 'first strong isolate'],
  [0x2069, 'end of isolate'],
  [0x2800, 'blank Braille pattern'],
  [0x3000, 'ideographic space'],
  [0x3164, 'Hangul filler'],
  [0xfeff, 'byte order mark'],
  [0xffa0, 'Hangul filler'],
  [0xe0001, 'language tag'],
  [0xe007f, 'end of tag'],
]);

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\p{Variation_Selector}/u, 'variation selector'],
  [/\p{Cs}/u, 'half of a surrogate pair'],
  [/\p{Co}/u, 'private use'],
  [/\p{Cn}/u, 'unassigned'],
  [/\p{Cc}/u, 'control character'],
  [/\p{Zs}/u, 'odd space'],
  [/\p{M}/u, 'stacked mark'],
  [/[\p{P}\p{S}]/u, 'looks like another sign'],
];

const LINE_END: Segment = { kind: 'mark', codePoint: LINE_FEED, label: 'U+000A line feed', times: 1 };
const TABULATOR: Segment = { kind: 'mark', codePoint: TAB, label: 'U+0009 tab', times: 1 };

/**
 * Takes text apart so that nothing in it can hide: the segments in order are the whole text, nothing stripped
 * and nothing replaced. A line feed or tab is a mark of its own for each; other marks in a row are counted.
 */
export function reveal(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let seen = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > seen) segments.push({ kind: 'text', text: text.slice(seen, match.index) });
    seen = match.index + match[0].length;
    const codePoint = match[0].codePointAt(0) ?? 0;
    const times = codePoint === 0x20 ? match[0].length : 1;
    const last = segments.at(-1);
    if (last?.kind === 'mark' && last.codePoint === codePoint && !isLayout(codePoint)) {
      segments[segments.length - 1] = { ...last, times: last.times + times };
    } else if (isLayout(codePoint)) {
      segments.push(codePoint === LINE_FEED ? LINE_END : TABULATOR);
    } else {
      segments.push({ kind: 'mark', codePoint, label: labelOf(codePoint), times });
    }
  }
  if (seen < text.length) segments.push({ kind: 'text', text: text.slice(seen) });
  return segments;
}

/** Whether a mark is ordinary layout, shown as a small sign beside its own effect and no cause for alarm. */
export function isLayout(codePoint: number): boolean {
  return codePoint === LINE_FEED || codePoint === TAB;
}

/** A mark as plain text, such as `[U+200B zero-width space ×3]`. */
export function markText(mark: Extract<Segment, { readonly kind: 'mark' }>): string {
  return `[${mark.label}${mark.times > 1 ? ` ×${mark.times}` : ''}]`;
}

/** The text on one line, with every mark spelt out: for subjects, headings and log lines. */
export function revealedLine(text: string): string {
  return reveal(text)
    .map((segment) => (segment.kind === 'text' ? segment.text : markText(segment)))
    .join('');
}

function labelOf(codePoint: number): string {
  const code = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(codePoint);
  if (name !== undefined) return `${code} ${name}`;
  if (codePoint > 0xe0020 && codePoint < 0xe007f) {
    return `${code} tag ${String.fromCodePoint(codePoint - 0xe0000)}`;
  }
  const character = String.fromCodePoint(codePoint);
  const kind = KINDS.find(([pattern]) => pattern.test(character))?.[1] ?? 'invisible';
  return `${code} ${kind}`;
}
