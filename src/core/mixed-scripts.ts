/** A word whose letters are not all what they look like. */
export interface MixedWord {
  readonly word: string;
  /** Names of the scripts that its letters are from, such as `Cyrillic` and `Latin`. */
  readonly scripts: readonly string[];
}

const NAMES = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Bengali',
  'Thai',
  'Georgian',
  'Cherokee',
  'Hangul',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Han',
  'Coptic',
  'Lisu',
] as const;

const SCRIPTS = NAMES.map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const);

/** Mixtures that one language writes: the "highly restrictive" level of Unicode Technical Standard 39, 5.2. */
const ORDINARY = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

/** Letters of other scripts that stand for a Latin one in most fonts. */
const DOUBLES = /^[аеорсухіјѕԁԛԝһӏьгАВЕЅІЈКМНОРСТХҮԌԚԜοανρυικτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]+$/u;

/**
 * The words that mix scripts as no language does (`pаypal` with a Cyrillic а), that consist of nothing but
 * doubles of Latin letters (`соре`), or that use styled forms of Latin letters (`ｐay`), each once.
 */
export function mixedScripts(text: string): readonly MixedWord[] {
  if (!/[^\x20-\x7e\s]/.test(text)) return [];
  const found = new Map<string, MixedWord>();
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    if (/^[\x20-\x7e]*$/.test(word) || found.has(word)) continue;
    const scripts = scriptsOf(word);
    if (isSuspect(word, scripts)) found.set(word, { word, scripts });
  }
  return [...found.values()];
}

/** Whether the text has letters that are written from right to left, so that its order on screen may differ. */
export function hasRightToLeft(text: string): boolean {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(text);
}

function scriptsOf(word: string): readonly string[] {
  const scripts = new Set<string>();
  for (const letter of word) {
    if (!/\p{L}/u.test(letter)) continue;
    if (isStyledLatin(letter)) scripts.add('styled Latin');
    else scripts.add(SCRIPTS.find(([, pattern]) => pattern.test(letter))?.[0] ?? 'another script');
  }
  return [...scripts].sort();
}

function isSuspect(word: string, scripts: readonly string[]): boolean {
  if (scripts.includes('styled Latin')) return true;
  if (scripts.length > 1) {
    return !ORDINARY.some((ordinary) => scripts.every((script) => ordinary.includes(script)));
  }
  return word.length > 1 && DOUBLES.test(word);
}

/** Fullwidth, mathematical and other forms of the letters A to Z that are not these letters. */
function isStyledLatin(letter: string): boolean {
  return letter > '\x7f' && /^[A-Za-z]$/.test(letter.normalize('NFKC')) && !/^[ªº]$/.test(letter);
}
