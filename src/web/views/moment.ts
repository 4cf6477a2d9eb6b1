import { html } from 'hono/html';
import { utc } from '../../core/time-words.ts';
import type { Html } from './segments.ts';

/** A time, which the page's script shows in the reader's zone. @param time RFC 3339, UTC */
export function moment(time: string): Html {
  return html`<time datetime="${time}" data-local>${utc(time)}</time>`;
}
