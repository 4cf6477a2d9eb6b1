import type { Completeness } from '../../bundle/completeness.ts';
import type { ReportFacts } from '../facts.ts';
import { html, moment, number, revealed, type Html } from '../html.ts';

/** Which journal it is, from where to where. */
export function logSection({ log, period }: ReportFacts): Html {
  return html`<section aria-labelledby="log">
<h2 id="log">The period and the journal</h2>
<dl class="facts">
<div><dt>Period</dt><dd>${moment(period.from)} to ${moment(period.to)}, the end not included. What happened later is not in this bundle, not even where it ended something that began within.</dd></div>
<div><dt>Journal</dt><dd><b>${revealed(log.origin)}</b><span class="note">The name under which it is signed.</span></dd></div>
<div><dt>${log.keys.length === 1 ? 'Key' : 'Keys'}</dt><dd>${log.keys.map(({ key, since }) => html`<code class="digest">${revealed(key)}</code><span class="note">since ${moment(since)}</span>`)}<span class="note">By ${log.keys.length === 1 ? 'it' : 'these'} the signatures are checked. Compare with a copy that did not come with this report.</span></dd></div>
<div><dt>Signed start</dt><dd>${mark(log.start)}</dd></div>
<div><dt>Signed end</dt><dd>${mark(log.end)}</dd></div>
</dl>
</section>`;
}

function mark({ size, root }: { readonly size: number; readonly root: string }): Html {
  if (size === 0) return html`0 entries <span class="note">The journal begins within the period.</span>`;
  return html`${entriesWords(size)}<span class="note">under the root</span><code class="digest">${revealed(root)}</code>`;
}

/** In what the bundle is complete, and in what it cannot be. */
export function completenessSection({ completeness }: ReportFacts): Html {
  const { lines, entries } = completeness;
  return html`<section aria-labelledby="completeness">
<h2 id="completeness">How complete it is, and what it cannot show</h2>
<p>The entries of the journal are numbered without a gap, and the signed end says how many there are. So none of the lines in this bundle can be left out, changed or added without being noticed.</p>
<dl class="facts">
<div><dt>Lines here</dt><dd>${entriesWords(lines.count)}${rangeWords(lines)}</dd></div>
<div><dt>Of the period</dt><dd>${entriesWords(entries.count)}${rangeWords(entries)}${aroundWords(completeness)}</dd></div>
<div><dt>Calls</dt><dd>${number(completeness.calls)}, of them ${number(completeness.carried)} asked for before the period, and ${number(completeness.open)} without an end when it was over</dd></div>
</dl>
<h3>What it cannot show</h3>
<ul>${completeness.limits.map((each) => html`<li>${revealed(each)}</li>`)}</ul>
</section>`;
}

function rangeWords({ from, to, count }: Completeness['lines']): string {
  return count === 0 ? '' : `, number ${from} to ${to - 1}`;
}

function aroundWords({ before, after }: Completeness): Html | '' {
  if (before + after === 0) return '';
  return html`<span class="note">${number(before)} before and ${number(after)} behind it are here because the signed start and end lie there; they are not counted.</span>`;
}

function entriesWords(count: number): string {
  return count === 1 ? '1 entry' : `${number(count)} entries`;
}
