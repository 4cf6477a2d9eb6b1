import { EXCEPTION_KINDS, type ExceptionKind, type ExceptionRange, type Period } from '../core/evidence.ts';
import { monthOf, periodOf, wordsOf } from '../core/period.ts';

/** What an address asks of the evidence. */
export interface EvidenceQuery {
  readonly period: Period;
  /** As the form shows them again. */
  readonly first: string;
  readonly last: string;
  /** Only these exceptions are listed. */
  readonly kind?: ExceptionKind;
  /** Of the list of exceptions, from 1. */
  readonly page: number;
  /** Why another period is shown than was asked for. */
  readonly trouble?: string;
}

const TEXT_MAX = 40;
/** Of the list of exceptions: pages stay light. */
const PAGE_SIZE = 100;

/** The last month, where nothing else is asked for or what is cannot be understood, which is said. */
export function readEvidenceQuery(read: (name: string) => string | undefined, now: number): EvidenceQuery {
  const text = (name: string): string => (read(name) ?? '').trim().slice(0, TEXT_MAX);
  const kind = EXCEPTION_KINDS.find((each) => each === text('kind'));
  const page = /^[1-9]\d{0,4}$/.test(text('page')) ? Number(text('page')) : 1;
  const more = { ...(kind === undefined ? {} : { kind }), page };
  const usual = monthOf(now, -1);
  const [from, to] = [text('from'), text('to')];
  if (from === '' && to === '') return { period: usual, ...wordsOf(usual), ...more };
  const period = periodOf(from, to);
  return typeof period === 'string'
    ? { period: usual, ...wordsOf(usual), ...more, trouble: `${period} Below is the last month.` }
    : { period, ...wordsOf(period), ...more };
}

/** The exceptions that its page lists. */
export function rangeOf({ kind, page }: Pick<EvidenceQuery, 'kind' | 'page'>): ExceptionRange {
  return { ...(kind === undefined ? {} : { kind }), skip: (page - 1) * PAGE_SIZE, most: PAGE_SIZE };
}

/** The address, below the site's root, of what was asked for. */
export function evidencePath(
  { first, last }: Pick<EvidenceQuery, 'first' | 'last'>,
  more: { readonly kind?: ExceptionKind; readonly page?: number } = {},
): string {
  const query = new URLSearchParams({ from: first, to: last });
  if (more.kind !== undefined) query.set('kind', more.kind);
  if (more.page !== undefined && more.page > 1) query.set('page', String(more.page));
  return `console/evidence?${query.toString()}`;
}
