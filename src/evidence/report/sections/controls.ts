import type { ControlFacts, FrameworkFacts, ReportFacts, SampleFacts } from '../facts.ts';
import { html, number, revealed, type Html } from '../html.ts';
import { sampleLink } from './sample.ts';

const SAMPLES = 8;

/** For each framework, what the journal is evidence for, and what it is not. */
export function controlsSection({ frameworks, sample }: ReportFacts, to: string | undefined): Html {
  return html`<section aria-labelledby="controls">
<h2 id="controls">Evidence by control</h2>
<p>Which entries of the journal are evidence supporting which control, by a mapping that lies in <code>controls/</code>. A number of 0 says that nothing of the kind happened within the period, and not that the control is missing.</p>
${frameworks.length === 0 ? html`<p class="note">No framework was chosen for this bundle.</p>` : ''}
${frameworks.map((each) => frameworkPart(each, sample.calls, to))}
</section>`;
}

function frameworkPart(
  { framework, controls }: FrameworkFacts,
  sample: readonly SampleFacts[],
  to: string | undefined,
): Html {
  return html`<h3 class="framework">${revealed(framework.title)} <span class="note">mapping ${revealed(framework.version)}</span></h3>
${controls.map((each) => controlPart(framework.id, each, sample, to))}`;
}

function controlPart(
  framework: string,
  facts: ControlFacts,
  sample: readonly SampleFacts[],
  to: string | undefined,
): Html {
  const { control, entries } = facts;
  const examples = sample.filter((each) =>
    each.controls.some(({ framework: of, id }) => of === framework && id === control.id),
  );
  return html`<article class="control">
<h4><span class="id">${revealed(control.id)}</span> ${revealed(control.title)}</h4>
${control.baselines && control.baselines.length > 0 ? html`<p class="note">Baselines: ${revealed(control.baselines.join(', '))}</p>` : ''}
<dl class="facts">
<div><dt>Evidence supporting it</dt><dd>${revealed(control.supports)}</dd></div>
<div><dt>How much</dt><dd>${entries === 1 ? '1 entry' : `${number(entries)} entries`}</dd></div>
<div><dt>What it does not show</dt><dd>${revealed(control.limits)}</dd></div>
<div><dt>In the sample</dt><dd>${examples.length === 0 ? 'none' : sampleLinks(examples, to)}</dd></div>
</dl></article>`;
}

function sampleLinks(examples: readonly SampleFacts[], to: string | undefined): Html {
  const more = examples.length - SAMPLES;
  return html`${examples.slice(0, SAMPLES).map((each, index) => html`${index > 0 ? ', ' : ''}${sampleLink(each, to)}`)}${more > 0 ? ` and ${number(more)} more` : ''}`;
}
