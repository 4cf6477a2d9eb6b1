import { html } from './html.ts';
import type { ReportFacts } from './facts.ts';
import { framed } from './frame.ts';
import { accessSection } from './sections/access.ts';
import { changesSection } from './sections/changes.ts';
import { controlsSection } from './sections/controls.ts';
import { exceptionsSection } from './sections/exceptions.ts';
import { figuresSection } from './sections/figures.ts';
import { filesSection } from './sections/files.ts';
import { glossarySection } from './sections/glossary.ts';
import { completenessSection, logSection } from './sections/log.ts';
import { sampleSection } from './sections/sample.ts';
import { summarySection } from './sections/summary.ts';

const CONTENTS: readonly (readonly [string, string])[] = [
  ['what', 'What this is, and how to check it'],
  ['log', 'The period and the journal'],
  ['completeness', 'How complete it is, and what it cannot show'],
  ['figures', 'The figures'],
  ['exceptions', 'Exceptions'],
  ['access', 'Who could decide'],
  ['changes', 'What was in force, and what changed'],
  ['controls', 'Evidence by control'],
  ['sample', 'The sample'],
  ['files', 'What lies beside this report'],
  ['glossary', 'Words'],
];

/** `screen`: links lead to the pages of the sample. `paper`: on A4, and links lead nowhere but within. */
export type Medium = 'screen' | 'paper';

/** `report.html`, and what `report.pdf` is printed from: the same facts give the same bytes. */
export function reportPage(facts: ReportFacts, medium: Medium = 'screen'): string {
  // On paper a relative link would name a folder of the machine that printed it.
  const samples = medium === 'screen' ? './' : undefined;
  return framed(
    `Evidence report of ${facts.log.origin}, ${facts.period.from.slice(0, 10)} to ${facts.period.to.slice(0, 10)}`,
    html`${summarySection(facts)}
<section class="contents" aria-labelledby="contents"><h2 id="contents">Contents</h2>
<ol>${CONTENTS.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></section>
${logSection(facts)}
${completenessSection(facts)}
${figuresSection(facts)}
${exceptionsSection(facts)}
${accessSection(facts)}
${changesSection(facts)}
${controlsSection(facts, samples)}
${sampleSection(facts, samples)}
${filesSection(facts)}
${glossarySection()}
<footer>Evidence supporting controls; no statement that any is met. Times are in UTC. This page holds no script and fetches nothing.</footer>`,
    medium === 'paper' ? '@page { size: A4; }' : '',
  );
}
