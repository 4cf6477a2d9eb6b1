import type { Json, JsonObject } from './json.ts';
import { mixedScripts } from './mixed-scripts.ts';
import { isLayout, markText, reveal, revealedLine } from './reveal.ts';
import { shortened } from './characters.ts';

/** A text of a tool's definition that is not what it looks like. */
export interface HiddenText {
  /** Where it stands, such as `inputSchema.properties.path.description`; what is hidden in it is spelt out. */
  readonly path: string;
  /** What it holds, each once, such as `U+200B zero-width space` or `pаypal (Cyrillic and Latin)`. */
  readonly signs: readonly string[];
}

const MOST_TEXTS = 20;
const MOST_SIGNS = 8;
const PATH_LENGTH = 200;

/** What asks for a picture, or joins two of them, where a picture stands. */
const PICTURES =
  /(?<=[\p{Extended_Pictographic}0-9#*]\p{Emoji_Modifier}?)\ufe0f|(?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?)\u200d(?=\p{Extended_Pictographic})/gu;
/** The full-width signs and the space of East Asian writing. */
const EAST_ASIAN_SIGNS = /[\u3000\uff0e\uff0f\uff1a\uff3c]/g;
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const SPACE = 0x20;

/**
 * Every text of a definition, names of members included, that holds characters which cannot be seen, change the order
 * of what is seen, or pass for others. Layout, spaces and the selectors of pictures are what authors ordinarily write.
 * At most twenty texts.
 */
export function scanDefinition(definition: JsonObject): readonly HiddenText[] {
  const found: HiddenText[] = [];
  // A hostile definition may be deeper than the stack.
  const left: { readonly path: string; readonly value: Json }[] = [{ path: '', value: definition }];
  for (let next = left.pop(); next && found.length < MOST_TEXTS; next = left.pop()) {
    const { path, value } = next;
    if (typeof value === 'string') {
      note(path, value);
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    const inner: { path: string; value: Json }[] = [];
    for (const [name, member] of Object.entries<Json>(value)) {
      const place = shortened(
        path === '' ? revealedLine(name) : `${path}.${revealedLine(name)}`,
        PATH_LENGTH,
      );
      note(`${place} (its name)`, name);
      inner.push({ path: place, value: member });
    }
    left.push(...inner.reverse());
  }
  return found.slice(0, MOST_TEXTS);

  function note(path: string, text: string): void {
    const signs = signsIn(text);
    if (signs.length > 0) found.push({ path, signs });
  }
}

function signsIn(text: string): readonly string[] {
  if (/^[\n\r\t\x20-\x7e]*$/.test(text)) return [];
  const plain = text.replaceAll('\r\n', '\n').replace(PICTURES, '');
  const judged = EAST_ASIAN.test(plain) ? plain.replace(EAST_ASIAN_SIGNS, ' ') : plain;
  const signs = new Set<string>();
  for (const segment of reveal(judged)) {
    if (segment.kind === 'text' || isLayout(segment.codePoint) || segment.codePoint === SPACE) continue;
    signs.add(markText({ ...segment, times: 1 }).slice(1, -1));
  }
  for (const { word, scripts } of mixedScripts(judged)) {
    signs.add(`${shortened(revealedLine(word), 40)} (${scripts.join(' and ')})`);
  }
  return [...signs].slice(0, MOST_SIGNS);
}
