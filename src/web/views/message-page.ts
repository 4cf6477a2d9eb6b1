import { html } from 'hono/html';
import { revealed, type Html } from './segments.ts';
import { layout, type Layout } from './layout.ts';
import type { Problem } from '../problems.ts';

/** What a person does about a problem that a link from a mail does not mend. */
const DOORS = new Set([
  'signed_out',
  'sign_on_stale',
  'replayed',
  'sso_refused',
  'sso_unavailable',
  'forged',
  'not_found',
]);

/** What stands around and below the message. */
export interface Around {
  readonly frame?: Partial<Omit<Layout, 'title' | 'root' | 'main'>>;
  readonly after?: Html;
}

/** A page that only says that something is not possible, and what to do instead. */
export function problemPage(problem: Problem, root: string, { frame = {}, after }: Around = {}): Html {
  return layout({
    ...frame,
    title: `${problem.title} – Placet`,
    root,
    main: html`<section class="message">
<p class="kicker">${problem.status}</p>
<h1>${problem.title}</h1>
<p>${revealed(problem.detail)}</p>
${DOORS.has(problem.code) ? html`<p><a href="${root}sign-in">To the console</a></p>` : ''}
</section>
${after ?? ''}`,
  });
}
