import type { ReportFacts } from '../facts.ts';
import { html, moment, number, revealed, type Html } from '../html.ts';
import { briefly } from '../words.ts';

/** What the reader holds, and the five numbers that most of them came for. */
export function summarySection(facts: ReportFacts): Html {
  const { tally, period, log } = facts;
  const exceptions = [...facts.exceptions.values()].reduce((sum, { count }) => sum + count, 0);
  const held = tally.by_verdict['review'] ?? 0;
  const time = tally.time_to_decision;
  return html`<header class="title">
<p class="kicker">Evidence report</p>
<h1>What was asked of the tools, who decided, and what came of it</h1>
<p class="lead">${moment(period.from)} to ${moment(period.to)} <span class="note">the end is not part of it</span></p>
<p class="byline">Journal <b>${revealed(log.origin)}</b> · written by Placet ${facts.software}</p>
</header>
<ul class="keys">
${key(number(tally.calls), tally.calls === 1 ? 'call by an agent' : 'calls by agents')}
${key(number(held), 'held for people to decide')}
${key(number(tally.by_verdict['deny'] ?? 0), 'denied')}
${key(time ? briefly(time.median) : 'none', time ? 'half of the decisions took at most' : 'decisions by people')}
${key(number(exceptions), exceptions === 1 ? 'exception to look at' : 'exceptions to look at')}
</ul>
<section aria-labelledby="what">
<h2 id="what">What this is, and how to check it</h2>
<p>An AI agent works by calling tools: it asks a program to send a mail, change a file, pay an invoice. The calls of this report went through <b>Placet</b>, which stands between agents and their tools. Rules decide whether a call may pass, is refused, or has to wait until people have looked at it. Each step is written to a <b>journal</b>, to which lines are only ever added, and which is signed.</p>
<p>This report was computed from that journal, for the period above. <b>You need not believe it.</b> It lies in a folder with everything that it was computed from, and <code>VERIFY.md</code> in that folder gives the commands by which you can check, with common tools that are not ours, that no line of the journal in the folder was changed, removed or added since it was signed, and that the tables of calls and exceptions follow from the lines. This report itself is signed with them and is not computed anew by those commands: compare its figures with the tables.</p>
<p>It is evidence <i>supporting</i> controls of the frameworks that are named below. Whether a control is met is for an auditor to say, and this report does not say it.${carriedWords(tally.carried)}</p>
</section>`;
}

function carriedWords(carried: number): string {
  if (carried === 0) return '';
  if (carried === 1)
    return ' One of the calls was asked for before the period began, and is here because something more of it happened within.';
  return ` Of the calls, ${number(carried)} were asked for before the period began, and are here because something more of them happened within.`;
}

function key(value: string, words: string): Html {
  return html`<li><b>${value}</b> <span>${words}</span></li>`;
}
