/**
 * Whether a JSON number, as it is written, has the decimal value with which its double is written: reading and
 * writing it does not change it. `-0` does not, as its sign is lost.
 */
export function survives(text: string, value: number): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const shown = String(value);
  return text === shown || decimal(text) === decimal(shown);
}

/** A number's sign, significant digits and exponent, the same for all ways to write one decimal value. */
function decimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.');
  const digits = whole + fraction;
  let first = 0;
  let last = digits.length;
  while (first < last && digits[first] === '0') first += 1;
  while (last > first && digits[last - 1] === '0') last -= 1;
  if (first === last) return '0';
  return `${sign}${digits.slice(first, last)}e${Number(exponent) - fraction.length + (digits.length - last)}`;
}
