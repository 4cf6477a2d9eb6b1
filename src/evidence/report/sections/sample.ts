import { html } from 'hono/html';
import { counted } from '../../../core/time-words.ts';
import type { ReportFacts, SampledCall } from '../facts.ts';
import { moment, revealed, type Html } from '../html.ts';
import { OUTCOMES } from '../words.ts';

/** The calls that were drawn, and how anybody draws the same. */
export function sampleSection({ sample, seed, tally }: ReportFacts, to: string | undefined): Html {
  return html`<section aria-labelledby="sample">
<h2 id="sample">The sample</h2>
<p>${counted(sample.length, 'call')} of ${counted(tally.calls, 'call')}, each with a page of its own from what was asked to what came of it, and with a proof that can be checked by itself.</p>
<p>They were drawn so that you can draw them again: for each call of <code>population/calls.csv</code> the SHA-256 of the seed, a colon and the id of the call is computed, the calls are put in the order of these numbers, and the first ones are taken. The seed is <code>${revealed(seed)}</code>.</p>
${sample.length === 0 ? html`<p class="note">There is no call to draw from.</p>` : sampleTable(sample, to)}
</section>`;
}

/** @param to where the pages lie, seen from this one; nothing where it has no links */
export function sampleTable(sample: readonly SampledCall[], to: string | undefined): Html {
  return html`<table class="rows"><caption class="away">The sample</caption>
<thead><tr><th scope="col">No.</th><th scope="col">Call</th><th scope="col">Asked for</th><th scope="col">By</th><th scope="col">Outcome</th></tr></thead>
<tbody>${sample.map(
    ({ row, folder }) =>
      html`<tr><td data-of="No.">${sampleLink(folder, to)}</td><td data-of="Call"><b>${revealed(row.tool)}</b> on ${revealed(row.server)}<code class="id">${revealed(row.call_id)}</code></td><td data-of="Asked for">${moment(row.requested_at)}</td><td data-of="By">${revealed(row.agent)}</td><td data-of="Outcome">${OUTCOMES[row.outcome]}</td></tr>`,
  )}</tbody></table>`;
}

/** The number of a call in the sample, which leads to its page. */
export function sampleLink(folder: string, to: string | undefined): Html {
  const number = folder.slice(0, 3);
  if (to === undefined) return html`${number}`;
  return html`<a href="${to}${encodeURIComponent(folder)}/index.html">${number}</a>`;
}
