import { effectWords } from '../../../core/effect-words.ts';
import type { CallRow } from '../../../core/evidence.ts';
import { tell } from '../../../core/story-words.ts';
import type { ReportFacts, SampleFacts } from '../facts.ts';
import { framed } from '../frame.ts';
import { exactMoment, html, revealed, type Html } from '../html.ts';
import { OUTCOMES } from '../words.ts';
import { argumentsSection } from './arguments.ts';
import { goneWords } from './gone-words.ts';
import { peopleSection } from './people.ts';

/** `sample/NNN-CALLID/index.html`: one call, from the intent to the outcome. */
export function samplePage(call: SampleFacts, { names, log }: ReportFacts): string {
  const { row, number } = call;
  return framed(
    `Call ${row.call_id} in the journal of ${log.origin}`,
    html`<header class="title">
<p class="kicker">Sample, call ${number} · <a href="../index.html">all of the sample</a> · <a href="../../report.html">the report</a></p>
<h1>${revealed(row.tool)} on ${revealed(row.server)}</h1>
<p class="lead"><b>${OUTCOMES[row.outcome]}</b></p>
<p class="byline">Asked for by the agent <b>${revealed(row.agent)}</b>, which acts for <b>${revealed(names.get(row.owner) ?? row.owner)}</b>, on ${exactMoment(row.requested_at)}</p>
</header>
${cardSection(call)}
${argumentsSection(call)}
${peopleSection(call, names)}
${outcomeSection(call)}
${storySection(call, names)}
${controlsSection(call)}
${proofSection(call)}
<footer>From the journal of ${revealed(log.origin)}. Times are in UTC. This page holds no script and fetches nothing.</footer>`,
  );
}

/** When it was sent, for what no approval started. */
const UNSTARTED: Readonly<Record<CallRow['verdict'], string>> = {
  allow: 'as soon as the rule had let it pass',
  deny: 'It was not sent to the tool.',
  review: 'It was not sent to the tool.',
  none: 'It was not sent to the tool.',
};

/** What people were shown beside the arguments. */
function cardSection({ card: shown }: SampleFacts): Html {
  if (shown?.state !== 'kept') {
    return html`<section aria-labelledby="card"><h2 id="card">What people were shown</h2><p>${shown === undefined ? 'No person was asked, and so there was nothing to show.' : goneWords('The contents of the card', shown.state)}</p></section>`;
  }
  const card = shown.value;
  const effects = effectWords(card.effects);
  return html`<section aria-labelledby="card">
<h2 id="card">What people were shown</h2>
<dl class="facts">
<div><dt>Tool</dt><dd><code>${revealed(card.tool_name)}</code> on <b>${revealed(card.server)}</b>${card.title === undefined ? '' : html`, titled “${revealed(card.title)}”`}</dd></div>
${card.description === undefined ? '' : html`<div><dt>The server says</dt><dd><p class="quote">${revealed(card.description)}</p></dd></div>`}
${card.summary === undefined ? '' : html`<div><dt>In short</dt><dd><p class="quote">${revealed(card.summary)}</p><span class="note">By the tool’s author, computed from the arguments.</span></dd></div>`}
<div><dt>Effect</dt><dd>${effects.sentence}</dd></div>
<div><dt>Agent</dt><dd>${revealed(card.agent)} <span class="note">${card.identity === 'claimed' ? 'The name was claimed by the client’s configuration.' : 'It had proven its name by a key or a token.'}</span></dd></div>
${card.said === undefined ? '' : html`<div><dt>The agent said</dt><dd><p class="quote">${revealed(card.said)}</p><span class="note">Its own word, which nobody checked.</span></dd></div>`}
<div><dt>Expiry</dt><dd>${exactMoment(card.expires_at)}</dd></div>
</dl>
</section>`;
}

function outcomeSection({ row }: SampleFacts): Html {
  return html`<section aria-labelledby="outcome">
<h2 id="outcome">Execution and result</h2>
<dl class="facts">
<div><dt>Outcome</dt><dd>${OUTCOMES[row.outcome]}</dd></div>
${row.resolution === undefined ? '' : html`<div><dt>Request</dt><dd>${row.resolution}${row.resolved_at === undefined ? '' : html`, ${exactMoment(row.resolved_at)}`}</dd></div>`}
<div><dt>Sent</dt><dd>${row.started_at === undefined ? UNSTARTED[row.verdict] : exactMoment(row.started_at)}</dd></div>
<div><dt>Ended</dt><dd>${row.ended_at === undefined ? 'not within the period' : exactMoment(row.ended_at)}</dd></div>
${fingerprint('Result', row.result_commit, 'Commitment: what the tool answered cannot be exchanged for something else.')}
${fingerprint('Arguments', row.args_commit, 'Commitment to the arguments as the agent gave them.')}
${fingerprint('Action', row.action_digest, 'Over agent, owner, server, tool, definition and arguments: what was approved is what was sent.')}
${fingerprint('Tool as defined', row.definition_sha256, 'What the tool said that it is when it was called.')}
</dl>
</section>`;
}

function fingerprint(of: string, value: string | undefined, note: string): Html {
  if (value === undefined) return html`<div><dt>${of}</dt><dd>none stands in the journal</dd></div>`;
  return html`<div><dt>${of}</dt><dd><code class="digest">${value}</code><span class="note">${note}</span></dd></div>`;
}

/** Every entry of the call, in order. */
function storySection({ entries }: SampleFacts, names: ReportFacts['names']): Html {
  return html`<section aria-labelledby="story">
<h2 id="story">Step by step</h2>
<ol class="story">${entries.map((entry) => {
    const { what, quote } = tell(entry, (id) => names.get(id) ?? id);
    return html`<li><p>${revealed(what)}</p>${quote === undefined || quote === '' ? '' : html`<p class="quote">${revealed(quote)}</p>`}
<p class="note">${exactMoment(entry.time)} · entry ${entry.seq} · <code>${entry.type}</code></p></li>`;
  })}</ol>
</section>`;
}

function controlsSection({ controls }: SampleFacts): Html {
  return html`<section aria-labelledby="controls">
<h2 id="controls">Evidence supporting</h2>
${
  controls.length === 0
    ? html`<p>No control of the chosen frameworks.</p>`
    : html`<table class="rows"><caption class="away">Controls</caption>
<thead><tr><th scope="col">Framework</th><th scope="col">Control</th><th scope="col">What this call shows of it</th></tr></thead>
<tbody>${controls.map(
        (each) =>
          html`<tr><td data-of="Framework">${revealed(each.framework)}</td><td data-of="Control"><b>${revealed(each.id)}</b> ${revealed(each.title)}</td><td data-of="It shows">${revealed(each.shows)}</td></tr>`,
      )}</tbody></table>`
}
</section>`;
}

function proofSection({ proofs }: SampleFacts): Html {
  return html`<section aria-labelledby="proof">
<h2 id="proof">Files of its proof</h2>
<p>Each file proves that one entry stands in the journal under the signed end, and can be checked alone, as <code>VERIFY.md</code> says.</p>
${proofs.length === 0 ? html`<p class="note">There is none.</p>` : html`<ul>${proofs.map(({ file, seq }) => html`<li><a href="${encodeURIComponent(file)}"><code>${revealed(file)}</code></a> <span class="note">entry ${seq}</span></li>`)}</ul>`}
</section>`;
}
