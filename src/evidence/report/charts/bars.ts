import { revealedLine } from '../../../core/reveal.ts';
import { shortened } from '../../../core/characters.ts';
import { number, type Html } from '../html.ts';
import { chart, label, rectangle, WIDTH, type ChartWords } from './chart.ts';

export interface Bar {
  /** Hostile. */
  readonly name: string;
  /** One for each series, drawn in a row. */
  readonly values: readonly number[];
}

const ROW = 32;
const NAME_CHARACTERS = 48;

/** A bar for each name, the name and the number above it. @param kinds a class for each series */
export function barChart(words: ChartWords, bars: readonly Bar[], kinds: readonly string[]): Html {
  const most = Math.max(1, ...bars.map(totalOf));
  const shapes = bars.map((bar, index) => {
    const top = index * ROW;
    let x = 0;
    const parts = bar.values.map((value, series) => {
      const width = (value / most) * WIDTH;
      const part = value === 0 ? '' : rectangle(kinds[series] ?? '', x, top + 17, Math.max(width, 1), 9);
      x += width;
      return part;
    });
    const name = shortened(revealedLine(bar.name), NAME_CHARACTERS);
    return `${label(name, 0, top + 12)}${label(number(totalOf(bar)), WIDTH, top + 12, 'end')}${rectangle('bed', 0, top + 17, WIDTH, 9)}${parts.join('')}\n`;
  });
  return chart(words, Math.max(1, bars.length) * ROW, shapes.join(''));
}

/** The longest first, those of one length by name, and what is beyond `most` rows together. */
export function longest(bars: readonly Bar[], most: number, rest: (count: number) => string): readonly Bar[] {
  const sorted = [...bars].sort((a, b) => totalOf(b) - totalOf(a) || (a.name < b.name ? -1 : 1));
  if (sorted.length <= most) return sorted;
  const beyond = sorted.slice(most - 1);
  const together = beyond.reduce<number[]>(
    (sums, { values }) => values.map((value, series) => value + (sums[series] ?? 0)),
    [],
  );
  return [...sorted.slice(0, most - 1), { name: rest(beyond.length), values: together }];
}

export function totalOf({ values }: Bar): number {
  return values.reduce((total, value) => total + value, 0);
}
