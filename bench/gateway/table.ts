import type { Figures } from './figures.ts';

/** One thing that was measured: without Placet where that makes sense, and with either journal. */
export interface Row {
  readonly what: string;
  readonly direct?: Figures;
  readonly short: Figures;
  readonly long: Figures;
}

export interface MemoryRow {
  readonly what: string;
  readonly direct?: number;
  readonly short: number;
  readonly long: number;
}

const HEAD = [
  'direct',
  'Placet, 1,000 entries',
  '÷ direct',
  'Placet, 100,000 entries',
  '100,000 ÷ 1,000',
] as const;

/** Markdown, with the ratios of medians beside what they are made of. */
export function timesTable(rows: readonly Row[]): string {
  return table(
    'time: median (95th percentile), per second',
    rows.map(({ what, direct, short, long }) => [
      what,
      direct ? raw(direct) : '',
      raw(short),
      direct ? ratio(short.ms, direct.ms) : '',
      raw(long),
      ratio(long.ms, short.ms),
    ]),
  );
}

export function memoryTable(rows: readonly MemoryRow[]): string {
  const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return table(
    'resident memory',
    rows.map(({ what, direct, short, long }) => [
      what,
      direct === undefined ? '' : megabytes(direct),
      megabytes(short),
      direct === undefined ? '' : ratio(short, direct),
      megabytes(long),
      ratio(long, short),
    ]),
  );
}

function table(title: string, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line([title, ...HEAD]), line(['---', ...HEAD.map(() => '---:')]), ...rows.map(line)].join('\n');
}

function raw({ ms, p95, perSecond }: Figures): string {
  const rate = perSecond === undefined ? '' : `, ${Math.round(perSecond).toLocaleString('en')}/s`;
  return `${short(ms)} ms (${short(p95)})${rate}`;
}

function short(ms: number): string {
  return ms < 100 ? ms.toFixed(2) : ms.toFixed(0);
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}
