import { number, type Html } from '../html.ts';
import { totalOf, type Bar } from './bars.ts';
import { chart, label, line, niceTop, rectangle, WIDTH, type ChartWords } from './chart.ts';

const LEFT = 38;
const TOP = 10;
const BOTTOM = 150;
const HEIGHT = 172;
const LABEL_WIDTH = 52;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A column for each of a row of equal stretches of time, its series on top of one another, the first at the bottom.
 *
 * @param columns named by a day (`2026-11-30`), a month or a year
 */
export function columnChart(words: ChartWords, columns: readonly Bar[], kinds: readonly string[]): Html {
  const top = niceTop(Math.max(0, ...columns.map(totalOf)));
  const scale = (BOTTOM - TOP) / top;
  const pitch = (WIDTH - LEFT) / Math.max(1, columns.length);
  const width = Math.min(Math.max(pitch * 0.78, 1), 40);
  const grid = [0, top / 2, top].map((value) => {
    const y = BOTTOM - value * scale;
    return `${line(LEFT, y, WIDTH, y)}${label(number(value), LEFT - 6, y + 4, 'end')}`;
  });
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / pitch));
  const shapes = columns.map((column, index) => {
    const middle = LEFT + pitch * (index + 0.5);
    let y = BOTTOM;
    const parts = column.values.map((value, series) => {
      const height = value * scale;
      y -= height;
      return value === 0 ? '' : rectangle(kinds[series] ?? '', middle - width / 2, y, width, height);
    });
    return `${parts.join('')}${index % every === 0 ? label(shortName(column.name), middle, BOTTOM + 16, 'middle') : ''}\n`;
  });
  return chart(words, HEIGHT, `${grid.join('')}\n${shapes.join('')}`);
}

function shortName(name: string): string {
  const [year, month, day] = name.split('-').map(Number);
  const named = month === undefined ? undefined : MONTHS[month - 1];
  if (named === undefined) return name;
  return day === undefined ? `${named} ${year}` : `${day} ${named}`;
}
