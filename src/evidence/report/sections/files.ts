import type { ReportFacts } from '../facts.ts';
import { html, type Html } from '../html.ts';

const FILES: readonly (readonly [string, string])[] = [
  ['VERIFY.md', 'the commands by which a stranger checks all of this'],
  ['verifier/', 'a small program in Go that shares no line with Placet, for these checks'],
  [
    'manifest.json',
    'every file with its SHA-256, the period and the query; manifest.note is the signature over it',
  ],
  ['log/entries.jsonl', 'the lines of the journal from start to end, as they stand there'],
  ['checkpoints/', 'the signed start and end, and the proof that the end continues the start'],
  ['population/', 'every call of the period, as a table and as JSON Lines'],
  ['sample/', 'the calls that were drawn, a page and proofs for each'],
  ['exceptions.csv', 'every exception, also as JSON Lines'],
  ['people/, rules/, controls/', 'who could decide, the rules as they stood, and the mapping to controls'],
  ['completeness.md', 'in what the bundle is complete, and what it cannot show'],
  ['oscal/, ocsf/', 'the same for programs: OSCAL assessment results, OCSF events'],
];

/** What lies beside the report. */
export function filesSection({ no_pdf }: ReportFacts): Html {
  return html`<section aria-labelledby="files">
<h2 id="files">What lies beside this report</h2>
<dl class="words">${FILES.map(([name, what]) => html`<div><dt><code>${name}</code></dt><dd>${what}</dd></div>`)}</dl>
${no_pdf === undefined ? '' : html`<p class="note">${no_pdf}</p>`}
</section>`;
}
