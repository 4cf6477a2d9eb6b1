import { html } from 'hono/html';
import { jsonLine } from '../../core/json-line.ts';
import { revealedLine } from '../../core/reveal.ts';
import type { Revealed } from '../../guard/ports.ts';
import { layout, type Layout } from './layout.ts';
import { revealed as shown, type Html } from './segments.ts';

/** The secrets of a call, for this one answer. */
export function revealedPage({
  revealed: { view, secrets },
  root,
  here,
  frame,
}: {
  readonly revealed: Revealed;
  readonly root: string;
  /** The page of the request. */
  readonly here: string;
  readonly frame: Partial<Omit<Layout, 'title' | 'root' | 'main'>>;
}): Html {
  return layout({
    ...frame,
    title: `Secrets of ${revealedLine(view.card.tool_name)} – Placet`,
    root,
    main: html`<h1>Secrets of this call to <code>${shown(view.card.tool_name)}</code></h1>
<p>They are shown this once. It is recorded that <strong>${view.reviewer.name}</strong> saw them.</p>
${secrets.map(
  ({ path, kind, value }) => html`<div class="arg">
<p class="arg-head"><code dir="ltr">${shown(path)}</code><span class="muted">${kind}</span></p>
<pre class="value" dir="ltr">${shown(typeof value === 'string' ? value : jsonLine(value))}</pre>
</div>`,
)}
<p><a class="button" href="${here}">Back to the request</a></p>`,
  });
}
