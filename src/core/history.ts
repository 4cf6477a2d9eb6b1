import type { Entry, EntryOf } from './entry.ts';
import {
  groupOf,
  itemOf,
  textOf,
  type HistoryGroup,
  type HistoryItem,
  type HistoryOutcome,
} from './history-item.ts';
import { Rejections, type RejectionsInARow } from './rejections.ts';

export type { HistoryItem, HistoryOutcome } from './history-item.ts';

/** What to look for. Everything that is given has to hold; a text holds where it is contained, whatever its case. */
export interface HistoryQuery {
  /** Only what this person was asked about, or what an agent of theirs asked for. */
  readonly viewer?: string;
  /** In the id, agent, owner, server, tool, rule or the id of a person who was asked. */
  readonly text?: string;
  readonly agent?: string;
  readonly tool?: string;
  /** Who decided it, or owns the agent. */
  readonly person?: string;
  readonly outcome?: HistoryOutcome;
  /** RFC 3339 or a day such as 2026-11-24: requested at this time or later. */
  readonly from?: string;
  /** Requested before this time, or on this day or before. */
  readonly to?: string;
  /** How many of the newest matches to leave out. */
  readonly skip?: number;
  readonly limit: number;
}

export interface HistoryPage {
  readonly items: readonly HistoryItem[];
  /** How many match in all. */
  readonly total: number;
}

/** What has become of calls of one agent to one tool within some time. */
export interface Precedents {
  readonly approved: number;
  readonly rejected: number;
  /** Expired, cancelled, voided. */
  readonly ended: number;
  readonly pending: number;
  /** The last one that was approved, however it went on. */
  readonly last_approved?: HistoryItem;
}

/** What the history keeps, to be given to `load` at a later start. */
export interface HistoryState {
  readonly items: readonly HistoryItem[];
}

const KEPT = 20_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Sorts after every time that has four digits for its year. */
const END_OF_TIME = '\uffff';

/** An item with what is asked of it over and over. */
interface Held {
  item: HistoryItem;
  group: HistoryGroup;
  /** All that a text is looked for in, lower case. */
  text: string;
}

/**
 * The last twenty thousand requests, newest first, with what became of them: a fold over the journal. Older ones
 * are in the journal alone.
 */
export class History {
  readonly #items = new Map<string, Held>();
  /** The same by agent, server and tool, oldest first. */
  readonly #alike = new Map<string, Held[]>();
  /** Ids of requests by those of their calls. */
  readonly #ofCall = new Map<string, string>();
  readonly #rejections = new Rejections();
  readonly #kept: number;

  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  /** How many requests it knows. */
  get size(): number {
    return this.#items.size;
  }

  item(id: string): HistoryItem | undefined {
    return this.#items.get(id)?.item;
  }

  apply(entry: Entry): void {
    switch (entry.type) {
      case 'approval.requested':
        return this.#add(itemOf(entry));
      case 'approval.escalated':
        return this.#change(entry, (item) => ({
          asked: [...new Set([...item.asked, ...entry.reviewers])],
        }));
      case 'approval.decided': {
        const { reviewer: person, decision, verification } = entry;
        return this.#change(entry, (item) => ({
          deciders: [...item.deciders, { person, decision, verification }],
        }));
      }
      case 'approval.resolved': {
        const item = this.item(entry.request_id);
        if (item) this.#rejections.resolved(keyOf(item), entry.resolution, entry.time);
        return this.#end(entry, entry.resolution);
      }
      case 'execution.succeeded':
        return this.#end(entry, 'succeeded');
      case 'execution.failed':
        return this.#end(entry, 'failed');
      case 'execution.outcome_unknown':
        return this.#end(entry, 'outcome_unknown');
      case 'execution.reconciled':
        return this.#end(entry, entry.outcome === 'done' ? 'succeeded' : 'failed');
      case 'payload.erasure_ordered':
        return this.#erased(entry);
      default:
    }
  }

  search(query: HistoryQuery): HistoryPage {
    const wanted = matcher(query);
    const items: HistoryItem[] = [];
    const skip = query.skip ?? 0;
    let total = 0;
    for (const held of [...this.#items.values()].reverse()) {
      if (!wanted(held)) continue;
      total += 1;
      if (total > skip && items.length < query.limit) items.push(held.item);
    }
    return { items, total };
  }

  /** What became of the agent's calls to this tool in the days before `now`, that of `except` left out. */
  precedents(of: Alike & { readonly except?: string }, now: number, days = 30): Precedents {
    const since = new Date(now - days * DAY_MS).toISOString();
    const counts = { approved: 0, rejected: 0, ended: 0, pending: 0 };
    let last: HistoryItem | undefined;
    const except = of.except === undefined ? undefined : this.#items.get(of.except);
    for (const held of (this.#alike.get(keyOf(of)) ?? []).toReversed()) {
      if (held === except) continue;
      const isLate = held.item.requested_at >= since;
      if (!isLate && last) break;
      if (held.group === 'approved') last ??= held.item;
      if (isLate) counts[held.group] += 1;
    }
    return { ...counts, ...(last === undefined ? {} : { last_approved: last }) };
  }

  /** Of this agent's calls to this tool, since the last approval. */
  rejectionsInARow(of: Alike): RejectionsInARow {
    return this.#rejections.of(keyOf(of));
  }

  save(): HistoryState {
    return { items: [...this.#items.values()].map(({ item }) => item) };
  }

  load(state: HistoryState): void {
    this.#items.clear();
    this.#alike.clear();
    this.#ofCall.clear();
    this.#rejections.clear();
    for (const item of state.items) this.#add(item);
    for (const [key, alike] of this.#alike)
      this.#rejections.load(
        key,
        alike.map(({ item }) => item),
      );
  }

  #add(item: HistoryItem): void {
    const held: Held = { item, group: groupOf(item), text: textOf(item) };
    this.#items.set(item.id, held);
    this.#ofCall.set(item.call_id, item.id);
    const alike = this.#alike.get(keyOf(item));
    if (alike) alike.push(held);
    else this.#alike.set(keyOf(item), [held]);
    if (this.#items.size <= this.#kept) return;
    const [oldest] = this.#items.values();
    if (oldest) this.#forget(oldest);
  }

  #forget({ item }: Held): void {
    this.#items.delete(item.id);
    this.#ofCall.delete(item.call_id);
    const key = keyOf(item);
    const alike = this.#alike.get(key);
    // The oldest of all is the oldest of its kind.
    alike?.shift();
    if (alike?.length !== 0) return;
    this.#alike.delete(key);
    this.#rejections.forget(key);
  }

  #end(entry: Entry & { readonly request_id: string }, outcome: HistoryOutcome): void {
    this.#change(entry, () => ({ outcome, outcome_at: entry.time }));
  }

  #erased({ call_id, time: at, reason }: EntryOf<'payload.erasure_ordered'>): void {
    const id = this.#ofCall.get(call_id);
    // To order it again changes nothing: what counts is when it went first.
    if (id !== undefined)
      this.#change({ request_id: id }, (item) => ({ erased: item.erased ?? { at, reason } }));
  }

  #change(entry: { readonly request_id: string }, change: (item: HistoryItem) => Partial<HistoryItem>): void {
    const held = this.#items.get(entry.request_id);
    if (!held) return;
    const { asked } = held.item;
    held.item = { ...held.item, ...change(held.item) };
    held.group = groupOf(held.item);
    if (held.item.asked !== asked) held.text = textOf(held.item);
  }
}

interface Alike {
  readonly agent: string;
  readonly server: string;
  readonly tool: string;
}

/** Told apart as JSON, because names of servers and tools are not ours. */
function keyOf({ agent, server, tool }: Alike): string {
  return JSON.stringify([agent, server, tool]);
}

function matcher(query: HistoryQuery): (held: Held) => boolean {
  const text = query.text?.trim().toLowerCase() ?? '';
  const from = query.from === undefined ? undefined : instant(query.from, 0);
  const to = query.to === undefined ? undefined : instant(query.to, DAY_MS);
  return ({ item, text: all }) =>
    (query.viewer === undefined || item.owner === query.viewer || item.asked.includes(query.viewer)) &&
    (query.agent === undefined || item.agent === query.agent) &&
    (query.tool === undefined || item.tool === query.tool) &&
    (query.person === undefined ||
      item.owner === query.person ||
      item.deciders.some((decider) => decider.person === query.person)) &&
    (query.outcome === undefined || item.outcome === query.outcome) &&
    (from === undefined || item.requested_at >= from) &&
    (to === undefined || item.requested_at < to) &&
    all.includes(text);
}

/**
 * A time as entries write it, so that it compares as text; a day stands for its beginning, or for `dayMs` after it. What is
 * no time is none that anything was requested at: nothing is before it, and nothing after.
 */
function instant(time: string, dayMs: number): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(time);
  const ms = Date.parse(time) + (isDay ? dayMs : 0);
  if (Number.isNaN(ms)) return dayMs === 0 ? END_OF_TIME : '';
  const text = new Date(ms).toISOString();
  return text.startsWith('+') ? END_OF_TIME : text;
}
