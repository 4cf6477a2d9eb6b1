import type { HistoryOutcome, HistoryQuery } from '../core/history.ts';
import { OUTCOMES, type HistoryFilter } from './views/console/history-page.ts';

export const PAGE_SIZE = 50;
const TEXT_MAX = 200;

/** What an address asks of the history. What cannot be understood is left out, and said. */
export function readHistoryQuery(
  read: (name: string) => string | undefined,
  seen: { readonly viewer?: string },
): {
  readonly filter: HistoryFilter;
  readonly query: HistoryQuery;
  readonly page: number;
  readonly trouble?: string;
} {
  const text = (name: string) => (read(name) ?? '').trim().slice(0, TEXT_MAX);
  const wrong: string[] = [];
  const day = (name: string): string => {
    const value = text(name);
    if (value === '' || isDay(value)) return value;
    wrong.push(`“${name}” is not a day such as 2026-11-24`);
    return '';
  };
  const outcome = text('outcome');
  const known = Object.hasOwn(OUTCOMES, outcome);
  if (outcome !== '' && !known) wrong.push('there is no such outcome');
  const filter: HistoryFilter = {
    text: text('text'),
    agent: text('agent'),
    tool: text('tool'),
    person: text('person'),
    outcome: known ? outcome : '',
    from: day('from'),
    to: day('to'),
  };
  const asked = text('page');
  const page = /^[1-9][0-9]{0,4}$/.test(asked) ? Number(asked) : 1;
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '')) as {
    [Name in keyof HistoryFilter]?: string;
  } & { outcome?: HistoryOutcome };
  return {
    filter,
    page,
    query: { ...given, ...seen, skip: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE },
    ...(wrong.length === 0 ? {} : { trouble: `Left out of the search: ${wrong.join('; ')}.` }),
  };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
