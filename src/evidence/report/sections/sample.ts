import { counted } from '../../../core/time-words.ts';
import type { SampledCall } from '../../bundle/report-input.ts';
import type { ReportFacts } from '../facts.ts';
import { html, moment, revealed, type Html } from '../html.ts';
import { OUTCOMES } from '../words.ts';

/** The calls that were drawn, and how anybody draws the same. */
export function sampleSection({ sample, tally }: ReportFacts, to: string | undefined): Html {
  return html`<section aria-labelledby="sample">
<h2 id="sample">The sample</h2>
<p>${counted(sample.calls.length, 'call')} of ${counted(tally.calls, 'call')}, each with a page of its own from what was asked to what came of it, and with a proof that can be checked by itself.</p>
<p>They were drawn so that you can draw them again: for each call of <code>population/calls.csv</code> the SHA-256 of the seed, a colon and the id of the call is computed, the calls are put in the order of these numbers, and the first ones are taken. The seed is <code>${revealed(sample.seed)}</code>${sample.by_default ? ', which is the signed root at the end: nobody could choose it' : ''}.</p>
${sample.calls.length === 0 ? html`<p class="note">There is no call to draw from.</p>` : sampleTable(sample.calls, to)}
</section>`;
}

/** @param to the root of the bundle, seen from this page; nothing where it has no links */
export function sampleTable(sample: readonly SampledCall[], to: string | undefined): Html {
  return html`<table class="rows"><caption class="away">The sample</caption>
<thead><tr><th scope="col">No.</th><th scope="col">Call</th><th scope="col">Asked for</th><th scope="col">By</th><th scope="col">Outcome</th></tr></thead>
<tbody>${sample.map(
    (call) =>
      html`<tr><td data-of="No.">${sampleLink(call, to)}</td><td data-of="Call"><b>${revealed(call.row.tool)}</b> on ${revealed(call.row.server)}<code class="id">${revealed(call.row.call_id)}</code></td><td data-of="Asked for">${moment(call.row.requested_at)}</td><td data-of="By">${revealed(call.row.agent)}</td><td data-of="Outcome">${OUTCOMES[call.row.outcome]}</td></tr>`,
  )}</tbody></table>`;
}

/** The number of a call in the sample, which leads to its page. @param to the root of the bundle, seen from this page */
export function sampleLink({ number, folder }: SampledCall, to: string | undefined): Html {
  const shown = String(number).padStart(3, '0');
  return to === undefined
    ? html`${shown}`
    : html`<a href="${to}${encodeURI(folder)}/index.html">${shown}</a>`;
}
