import { html } from 'hono/html';
import type { Entry } from '../../core/entry.ts';
import { tell } from '../../core/story-words.ts';
import { counted } from '../../core/time-words.ts';
import { moment } from './moment.ts';
import { revealed, type Html } from './segments.ts';

export interface Story {
  readonly entries: readonly Entry[];
  /** Of people, by their ids. */
  readonly names: ReadonlyMap<string, string>;
  readonly root: string;
  /** How many entries the newest checkpoint covers. */
  readonly covered: number;
}

/** What people are handed a proof of: that somebody decided, how it was resolved, and what was carried out. */
export function isProvable({ type }: Entry): boolean {
  return type === 'approval.decided' || type === 'approval.resolved' || type.startsWith('execution.');
}

/** What the journal says of a request, from the intent to the outcome. */
export function storySection(story: Story): Html {
  const { entries, names } = story;
  const name = (id: string) => names.get(id) ?? id;
  return html`<section aria-labelledby="story">
<div class="head"><h2 id="story">The story of this request</h2><span class="muted small">${counted(entries.length, 'entry').replace('entrys', 'entries')} of the journal</span></div>
<ol class="story">${entries.map((entry) => {
    const { what, quote } = tell(entry, name);
    return html`<li><p>${revealed(what)}</p>${quote ? html`<p class="quote">${revealed(quote)}</p>` : ''}
<p class="small muted">${moment(entry.time)} · entry ${entry.seq} · <code>${entry.type}</code>${proofOf(entry, story)}</p></li>`;
  })}</ol>
</section>`;
}

function proofOf(entry: Entry, { root, covered }: Story): Html | '' {
  if (!isProvable(entry)) return '';
  if (entry.seq >= covered) return html` · the proof follows with the next checkpoint`;
  return html` · <a href="${root}console/proofs/${entry.seq}" aria-label="Proof of entry ${entry.seq}">Proof</a>`;
}
