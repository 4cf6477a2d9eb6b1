import type { Entry, Terms } from '../../../core/entry.ts';
import type { CallDecision } from '../../../core/evidence.ts';
import { VERIFIED_BY } from '../../../core/story-words.ts';
import { counted } from '../../../core/time-words.ts';
import type { SampledCall } from '../../bundle/report-input.ts';
import type { ReportFacts } from '../facts.ts';
import { exactMoment, html, revealed, type Html } from '../html.ts';
import { receiptWords } from './receipt-words.ts';

const VERDICTS = {
  allow: 'A rule let it pass; no person was asked.',
  deny: 'It was denied, and not sent to the tool; no person was asked.',
  review: 'A rule held it until people had decided.',
  none: 'No verdict stands in the journal: the host ended before there was one, and the call was not sent.',
} as const;

/** By which rule it was judged, who could decide, and who did. */
export function peopleSection(call: SampledCall, names: ReportFacts['names']): Html {
  const { row, card, entries, terms } = call;
  const why = card?.state === 'kept' ? card.value.why : undefined;
  return html`<section aria-labelledby="people">
<h2 id="people">Rule and people</h2>
<dl class="facts">
<div><dt>Verdict</dt><dd>${VERDICTS[row.verdict]}</dd></div>
${row.rule === '' ? '' : html`<div><dt>Rule</dt><dd><b>${revealed(row.rule)}</b><span class="note">of the rules <code>${revealed(row.policy_version)}</code></span></dd></div>`}
${why === undefined ? '' : html`<div><dt>Why</dt><dd>${revealed(why)}</dd></div>`}
${terms.map((each) => html`<div><dt>Terms of ${revealed(each.rule)}</dt><dd>${termsWords(each, names)}</dd></div>`)}
</dl>
${
  row.decisions.length === 0
    ? html`<p>No person decided on it.</p>`
    : html`<h3>Decisions</h3>${row.decisions.map((each) =>
        decisionPart(
          each,
          names,
          entries.find(({ seq }) => seq === each.seq),
        ),
      )}`
}
</section>`;
}

function termsWords(terms: Terms, names: ReportFacts['names']): Html {
  const who = terms.reviewers.map((id) => names.get(id) ?? id).join(', ');
  const admitted = (terms.admits ?? []).map((way) => VERIFIED_BY[way]);
  const ways = [
    `${VERIFIED_BY[terms.verification]}${terms.verification === 'passkey' ? '' : ' or stronger'}`,
    ...admitted,
  ];
  return html`${counted(terms.quorum, 'approval')} of: ${revealed(who)}; each proven by ${ways.join(', or by ')}.`;
}

function decisionPart(decision: CallDecision, names: ReportFacts['names'], entry: Entry | undefined): Html {
  const { person, verification, reason } = decision;
  return html`<dl class="facts">
<div><dt>${decision.decision === 'approve' ? 'Approved by' : 'Rejected by'}</dt><dd><b>${revealed(names.get(person) ?? person)}</b>${decision.solo ? html` <span class="tag">solo: the agent’s own owner</span>` : ''}<span class="note">${exactMoment(decision.at)}, entry ${decision.seq}</span></dd></div>
<div><dt>Proven by</dt><dd>${VERIFIED_BY[verification]}${entry?.type === 'approval.decided' ? html`<span class="note">${revealed(receiptWords(entry.receipt))}</span>` : ''}</dd></div>
${reason === undefined || reason === '' ? '' : html`<div><dt>Reason</dt><dd><p class="quote">${revealed(reason)}</p></dd></div>`}
</dl>`;
}
