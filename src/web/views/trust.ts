import { html } from 'hono/html';
import type { Html } from './segments.ts';

/** Whether somebody has checked what is said beside it. */
export function trust(kind: 'verified' | 'claimed', how: string): Html {
  return html`<span class="trust"><b class="tag ${kind}">${kind}</b> <span class="muted">${how}</span></span>`;
}
