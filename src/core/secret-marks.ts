/** Where it is known from that a value is secret, or what a detector took it for. In words, as the mark shows it. */
export type SecretKind =
  | 'marked by the tool'
  | 'marked by a rule'
  | 'seen in the arguments'
  | 'imitated mark'
  | 'deep value'
  | 'private key'
  | 'card number'
  | 'JSON web token'
  | 'credential'
  | 'password of an address'
  | `${string} key`
  | `${string} token`;

/** What stands in the place of a secret: what people may know of it, and what it is committed to. */
export interface SecretMark {
  readonly kind: SecretKind;
  /** Such as `8 to 15`: the class of its length in UTF-16 code units, of other values than text that of their JSON. */
  readonly length: string;
  /** It holds characters that secrets of its kind have no need of, and that could be meant to do something. */
  readonly unusual: boolean;
  /** Salted commitment to its canonical JSON, in base64url. */
  readonly commit: string;
}

/** How every mark begins: what an agent writes that begins so is masked itself, so that no mark is anybody else's. */
export const MARK_BEGINS = '[secret: ';

const MARK =
  /\[secret: ([A-Za-z -]{1,40}), (\d{1,4} to \d{1,4}|4096 or more) characters(, unusual)?, ([A-Za-z0-9_-]{43})\]/g;
const LONGEST_CLASS = 4096;

/** The mark as it stands in a payload. */
export function markOf({ kind, length, unusual, commit }: SecretMark): string {
  return `${MARK_BEGINS}${kind}, ${length} characters${unusual ? ', unusual' : ''}, ${commit}]`;
}

/** In powers of two, so that a mark says little of how long a secret is. */
export function lengthClass(length: number): string {
  if (length >= LONGEST_CLASS) return `${LONGEST_CLASS} or more`;
  let from = 8;
  if (length < from) return '1 to 7';
  while (length >= from * 2) from *= 2;
  return `${from} to ${from * 2 - 1}`;
}

/** A text taken apart at its marks; nothing where there is none. */
export function partsOfMarked(text: string): readonly (string | SecretMark)[] | undefined {
  if (!text.includes(MARK_BEGINS)) return undefined;
  const parts: (string | SecretMark)[] = [];
  let seen = 0;
  for (const found of text.matchAll(MARK)) {
    if (found.index > seen) parts.push(text.slice(seen, found.index));
    seen = found.index + found[0].length;
    const [, kind, length, unusual, commit] = found;
    parts.push({
      kind: kind as SecretKind,
      length: length ?? '',
      unusual: unusual !== undefined,
      commit: commit ?? '',
    });
  }
  if (seen === 0) return undefined;
  if (seen < text.length) parts.push(text.slice(seen));
  return parts;
}

/** The same text as people read it: marks without their commitments. */
export function shortMarks(text: string): string {
  return (
    partsOfMarked(text)
      ?.map((part) => (typeof part === 'string' ? part : shortMark(part)))
      .join('') ?? text
  );
}

/** A mark as people read it, such as `[secret: GitHub token, 32 to 63 characters]`. */
export function shortMark({ kind, length, unusual }: Omit<SecretMark, 'commit'>): string {
  return `${MARK_BEGINS}${kind}, ${length} characters${unusual ? ', unusual' : ''}]`;
}
