import { html } from 'hono/html';
import { revealed, type Html } from './segments.ts';
import { layout } from './layout.ts';
import type { Problem } from '../problems.ts';

/** A page that only says that something is not possible, and what to do instead. */
export function problemPage(problem: Problem, root: string): Html {
  return layout({
    title: `${problem.title} – Placet`,
    root,
    main: html`<section class="message">
<p class="kicker">${problem.status}</p>
<h1>${problem.title}</h1>
<p>${revealed(problem.detail)}</p>
</section>`,
  });
}

/** What a visitor without a link sees. */
export function homePage(root: string): Html {
  return layout({
    title: 'Placet',
    root,
    main: html`<section class="message">
<p class="kicker">Reviewer site</p>
<h1>Sensitive calls wait here for a person.</h1>
<p>Placet stands between agents and their tools. When an agent asks for something that your rules hold back, each
reviewer gets a mail with a link of their own. The link opens the request: what would happen, who asks, and the
whole of its arguments.</p>
<p class="muted">There is nothing to see without such a link, and nothing to sign in to.</p>
</section>`,
  });
}
