import type { Tally } from '../../../core/evidence.ts';
import type { Verification } from '../../../core/entry.ts';
import { VERIFIED_BY } from '../../../core/story-words.ts';
import { barChart, longest, totalOf, type Bar } from '../charts/bars.ts';
import type { ChartWords } from '../charts/chart.ts';
import { columnChart } from '../charts/columns.ts';
import { emptyFigure, figure, type FigureWords, type Series } from '../charts/figure.ts';
import { stretchesOf } from '../charts/stretches.ts';
import type { ReportFacts } from '../facts.ts';
import { html, number, type Html } from '../html.ts';
import { briefly, outcomeWords } from '../words.ts';

const MOST_BARS = 12;
const CALLS: Series = { name: 'Calls', short: 'Calls', kind: 'first' };
const REQUESTS: Series = { name: 'Requests', short: 'Requests', kind: 'first' };
const HELD: Series = { name: 'Held for people', short: 'Held', kind: 'first' };
const PASSED: Series = { name: 'Decided by rules alone', short: 'Not held', kind: 'second' };
const APPROVED: Series = { name: 'Approved', short: 'Approved', kind: 'first' };
const REJECTED: Series = { name: 'Rejected', short: 'Rejected', kind: 'third' };

/** How much there was, in pictures and in tables that say the same. */
export function figuresSection(facts: ReportFacts): Html {
  const { tally } = facts;
  return html`<section aria-labelledby="figures">
<h2 id="figures">The figures</h2>
<p class="note">Each chart stands beside the numbers that it was drawn from.</p>
${volume(facts)}
${timeToDecision(tally)}
${byName('tools', tally.by_tool, 'No tool was called.', {
  title: 'By tool',
  note: 'How many calls each tool was asked for; the server that offers it stands first.',
  of: 'Tool',
  series: [CALLS],
})}
${byName('agents', tally.by_agent, 'No agent called a tool.', {
  title: 'By agent',
  note: 'How many calls each agent made.',
  of: 'Agent',
  series: [CALLS],
})}
${byPerson(facts)}
${byName('ways', waysOf(tally), 'No person decided on anything.', {
  title: 'By verification',
  note: 'How the people who decided proved who they are.',
  of: 'Proven by',
  series: [{ name: 'Decisions', short: 'Decisions', kind: 'first' }],
})}
${byName('outcomes', renamed(tally.by_outcome), 'There is no call.', {
  title: 'By outcome',
  note: 'What the calls had come to at the end of the period.',
  of: 'Outcome',
  series: [CALLS],
})}
</section>`;
}

function volume({ period, tally }: ReportFacts): Html {
  const { unit, columns } = stretchesOf(period, tally.by_day);
  const words: FigureWords = {
    title: `Calls by ${unit}`,
    note: `By the ${unit} in which they were asked for, in UTC${unit === 'week' ? '; a week is named by its first day' : ''}.`,
    of: unit === 'day' ? 'Day' : `${unit.charAt(0).toUpperCase()}${unit.slice(1)}`,
    series: [HELD, PASSED],
  };
  const all = sum(columns.map(totalOf));
  if (all === 0) return emptyFigure(words, 'No call was asked for within the period.');
  const most = [...columns].sort((a, b) => totalOf(b) - totalOf(a))[0];
  const drawn = chartWords(
    'volume',
    words,
    `${number(all)} calls over ${number(columns.length)} columns, one a ${unit}. The most, ${number(most ? totalOf(most) : 0)}, in ${most?.name ?? ''}.`,
  );
  const kinds = words.series.map(({ kind }) => kind);
  return figure(words, columnChart(drawn, columns, kinds), columns);
}

function timeToDecision({ time_to_decision: time }: Tally): Html {
  const words: FigureWords = {
    title: 'Time to decision',
    note: 'From the moment when a call was held until people had decided on it.',
    of: 'It took',
    series: [REQUESTS],
  };
  if (!time || time.count === 0) return emptyFigure(words, 'People decided on nothing within the period.');
  const bars = time.buckets.map((bucket, index) => ({
    name: bucketName(bucket.up_to_ms, time.buckets[index - 1]?.up_to_ms),
    values: [bucket.count],
  }));
  const sentence = `Half were decided within ${briefly(time.median)}, 95 of 100 within ${briefly(time.p95)}; the longest took ${briefly(time.most)}.`;
  const drawn = chartWords('time', words, `${number(time.count)} requests. ${sentence}`);
  return figure({ ...words, note: `${words.note} ${sentence}` }, barChart(drawn, bars, ['first']), bars);
}

function byPerson({ tally, names }: ReportFacts): Html {
  const words: FigureWords = {
    title: 'By person',
    note: 'How many decisions each person made.',
    of: 'Person',
    series: [APPROVED, REJECTED],
  };
  const bars = Object.entries(tally.by_person).map(([id, { approve, reject }]) => ({
    name: names.get(id) ?? id,
    values: [approve, reject],
  }));
  return bars.length === 0
    ? emptyFigure(words, 'No person decided on anything.')
    : drawnBars('people', words, bars);
}

function byName(
  id: string,
  counts: Readonly<Record<string, number>>,
  none: string,
  words: FigureWords,
): Html {
  const bars = Object.entries(counts).map(([name, count]) => ({ name, values: [count] }));
  return bars.length === 0 ? emptyFigure(words, none) : drawnBars(id, words, bars);
}

function drawnBars(id: string, words: FigureWords, all: readonly Bar[]): Html {
  const bars = longest(all, MOST_BARS, (count) => `${number(count)} others together`);
  const first = bars[0];
  const description = `${number(all.length)} in all, the most first: ${first?.name ?? ''} with ${number(first ? totalOf(first) : 0)} of ${number(sum(all.map(totalOf)))}.`;
  const kinds = words.series.map(({ kind }) => kind);
  return figure(words, barChart(chartWords(id, words, description), bars, kinds), bars);
}

function chartWords(id: string, { title }: FigureWords, description: string): ChartWords {
  return { id: `chart-${id}`, title, description };
}

function renamed(outcomes: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(outcomes).map(([name, count]) => [outcomeWords(name), count]));
}

function waysOf({ by_verification: ways }: Tally): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(ways).map(([way, count]) => [VERIFIED_BY[way as Verification] ?? way, count]),
  );
}

function bucketName(upTo: number | undefined, from: number | undefined): string {
  if (upTo === undefined) return from === undefined ? 'Any time' : `More than ${briefly(from)}`;
  return from === undefined ? `Up to ${briefly(upTo)}` : `${briefly(from)} to ${briefly(upTo)}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
