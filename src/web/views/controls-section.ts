import { html } from 'hono/html';
import type { ControlMapping, SupportedControl } from '../../core/controls.ts';
import type { Entry } from '../../core/entry.ts';
import { counted } from '../../core/time-words.ts';
import { revealed, type Html } from './segments.ts';

/** The controls that what happened to a request is evidence for, folded. Nothing where there are none. */
export function controlsSection(mapping: ControlMapping, entries: readonly Entry[]): Html | '' {
  const supported = mapping.controlsOf(entries);
  if (supported.length === 0) return '';
  const shown = mapping.frameworks
    .map(({ id, title }) => ({ title, controls: supported.filter(({ framework }) => framework === id) }))
    .filter(({ controls }) => controls.length > 0);
  return html`<section aria-labelledby="controls">
<details class="controls"><summary><h2 id="controls">Evidence supporting ${counted(supported.length, 'control')}</h2></summary>
<p class="small muted">What the record of this request shows of each. It does not say that a control is met.</p>
${shown.map(
  ({ title, controls }) => html`<h3>${revealed(title)}</h3>
<dl class="facts">${controls.map(controlRow)}</dl>`,
)}</details>
</section>`;
}

function controlRow({ id, title, shows }: SupportedControl): Html {
  return html`<div><dt>${revealed(id)}</dt><dd>${revealed(shows)}<br><span class="small muted">${revealed(title)}</span></dd></div>`;
}
