import type { ReportFacts } from '../facts.ts';
import { framed } from '../frame.ts';
import { html, revealed } from '../html.ts';
import { sampleTable } from '../sections/sample.ts';

/** `sample/index.html`. */
export function sampleIndexPage({ sample, log }: ReportFacts): string {
  return framed(
    `Sample of the journal of ${log.origin}`,
    html`<header class="title"><p class="kicker"><a href="../report.html">The report</a></p>
<h1>The sample</h1>
<p>Drawn by the seed <code>${revealed(sample.seed)}</code>; the report says how anybody draws the same.</p></header>
${sample.calls.length === 0 ? html`<p class="note">There is no call to draw from.</p>` : sampleTable(sample.calls, '../')}`,
  );
}
