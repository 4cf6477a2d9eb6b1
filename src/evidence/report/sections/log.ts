import { html } from 'hono/html';
import { counted } from '../../../core/time-words.ts';
import type { ReportFacts } from '../facts.ts';
import { moment, number, revealed, type Html } from '../html.ts';

/** Which journal it is, from where to where, and how complete that is. */
export function logSection({ log, period, completeness }: ReportFacts): Html {
  return html`<section aria-labelledby="log">
<h2 id="log">The period and the journal</h2>
<dl class="facts">
<div><dt>Period</dt><dd>${moment(period.from)} to ${moment(period.to)}, the end not included. What happened later is not in this bundle, not even where it ended something that began within.</dd></div>
<div><dt>Journal</dt><dd><b>${revealed(log.origin)}</b><span class="note">The name under which it is signed.</span></dd></div>
<div><dt>${log.keys.length === 1 ? 'Key' : 'Keys'}</dt><dd>${log.keys.map((key) => html`<code class="digest">${revealed(key)}</code>`)}<span class="note">By which its checkpoints are checked. Compare it with a copy that did not come with this report.</span></dd></div>
<div><dt>At the start</dt><dd>${mark(log.start.size, log.start.root)}</dd></div>
<div><dt>At the end</dt><dd>${mark(log.end.size, log.end.root)}</dd></div>
</dl>
</section>
<section aria-labelledby="completeness">
<h2 id="completeness">How complete it is, and what it cannot show</h2>
<p>The entries of the journal are numbered from 0 without a gap, and the signed end says how many there are. So nothing can be left out of the ${counted(completeness.entries, 'line')} between start and end without being noticed.</p>
${completeness.checked.length === 0 ? '' : html`<h3>What was checked</h3><ul>${completeness.checked.map((each) => html`<li>${revealed(each)}</li>`)}</ul>`}
<h3>What it cannot show</h3>
<ul>${completeness.limits.map((each) => html`<li>${revealed(each)}</li>`)}</ul>
</section>`;
}

function mark(size: number, root: string): Html {
  return html`${size === 1 ? '1 entry' : `${number(size)} entries`}<code class="digest">${root}</code>`;
}
