import type { Figures } from './figures.ts';

/** One thing that was measured on several sides, of which one is what the others are divided by. */
export interface Row<S extends string> {
  readonly what: string;
  readonly figures: Readonly<Partial<Record<S, Figures>>>;
  /** The most that the issue wants of `placet` ÷ direct. */
  readonly aim?: number;
}

/** Markdown: for each side the median, what it adds, and the ratio of medians. */
export function ratioTable<S extends string>(
  rows: readonly Row<S>[],
  sides: readonly S[],
  base: S,
  titles: Readonly<Record<S, string>>,
): string {
  const others = sides.filter((side) => side !== base);
  const head = ['median (95th percentile)', titles[base], ...others.map((side) => titles[side]), 'aim'];
  const lines = rows.map(({ what, figures, aim }) => {
    const own = figures[base];
    return [
      what,
      own ? raw(own) : '',
      ...others.map((side) => against(figures[side], own)),
      aim === undefined ? '' : aim.toFixed(1),
    ];
  });
  return table(head, lines);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function against(figures: Figures | undefined, base: Figures | undefined): string {
  if (!figures) return '';
  if (!base) return raw(figures);
  return `**${(figures.ms / base.ms).toFixed(2)}** (+${short(figures.ms - base.ms)} ms${rate(figures)})`;
}

export function raw(figures: Figures): string {
  return `${short(figures.ms)} ms (${short(figures.p95)})${rate(figures)}`;
}

function rate({ perSecond }: Figures): string {
  return perSecond === undefined ? '' : `, ${Math.round(perSecond).toLocaleString('en')}/s`;
}

export function short(ms: number): string {
  return Math.abs(ms) < 100 ? ms.toFixed(2) : ms.toFixed(0);
}
