import type { SecretSpan } from './secret-span.ts';

/** Groups of digits, parted by one space or hyphen: a card's have three digits at least. */
const RUN = /(?:(?<![\w.])|(?<=\\[bfnrt]))\d{3,19}(?:[ -]\d{3,19})*(?!\w)/g;
/** What every such run holds that is long enough. */
const MAY_BE = /\d{7}|\d{3}[ -]\d{3}/;
/** How card numbers begin, and how many digits those have: Visa, Mastercard, American Express, Discover, JCB, Diners, UnionPay. */
const ISSUED =
  /^(?:4\d{15}|4\d{18}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|62\d{14,17})$/;
const FEWEST = 14;
const MOST = 19;

/** Numbers of payment cards: as long as an issuer's are, with the check digit that they have (ISO/IEC 7812-1, Luhn). */
export function cardNumbers(text: string): readonly SecretSpan[] {
  if (!MAY_BE.test(text)) return [];
  const spans: SecretSpan[] = [];
  for (const run of text.matchAll(RUN)) {
    const groups = [...run[0].matchAll(/\d+/g)].map(({ 0: digits, index }) => ({
      digits,
      from: run.index + index,
    }));
    for (let first = 0; first < groups.length; first += 1) {
      const found = cardAt(groups, first);
      if (!found) continue;
      spans.push(found.span);
      first = found.last;
    }
  }
  return spans;
}

interface Group {
  readonly digits: string;
  readonly from: number;
}

/** The card that begins with this group and ends with one, if there is one. */
function cardAt(
  groups: readonly Group[],
  first: number,
): { readonly span: SecretSpan; readonly last: number } | undefined {
  const begins = groups[first];
  if (!begins || !/^[2-6]/.test(begins.digits)) return undefined;
  let digits = '';
  for (let last = first; last < groups.length; last += 1) {
    const group = groups[last];
    if (!group || digits.length + group.digits.length > MOST) return undefined;
    digits += group.digits;
    if (digits.length < FEWEST || !ISSUED.test(digits) || !hasCheckDigit(digits)) continue;
    const to = group.from + group.digits.length;
    return { span: { from: begins.from, to, kind: 'card number', unusual: false }, last };
  }
  return undefined;
}

function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = digits.length - 1, doubled = false; index >= 0; index -= 1, doubled = !doubled) {
    const digit = digits.charCodeAt(index) - 0x30;
    sum += doubled ? digit * 2 - (digit > 4 ? 9 : 0) : digit;
  }
  return sum % 10 === 0;
}
