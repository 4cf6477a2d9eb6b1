import { html } from 'hono/html';
import type { Html } from './segments.ts';

export interface Layout {
  readonly title: string;
  /** The way from this page up to the site's root, such as `../`: the site may stand under a path of a proxy. */
  readonly root: string;
  /** What stands at the right of the page's head. */
  readonly badge?: Html;
  /** Below the head: the ways to other pages. */
  readonly nav?: Html;
  /** The whole page is one of the console, or belongs to its door. */
  readonly console?: boolean;
  /** Where the page hears that something has changed. */
  readonly live?: string;
  /** Seconds after which the browser loads the page again. */
  readonly refresh?: number;
  readonly main: Html;
  readonly foot?: Html;
}

/** The frame of every page. */
export function layout(page: Layout): Html {
  const { root, live, nav } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
${page.refresh === undefined ? '' : html`<meta http-equiv="refresh" content="${page.refresh}">`}
<title>${page.title}</title>
<link rel="icon" href="${root}assets/placet.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}assets/placet.css">
${page.console ? html`<link rel="stylesheet" href="${root}assets/console.css">` : ''}
<script src="${root}assets/placet.js" defer></script>
</head>
<body${page.console ? html` class="console"` : ''}${live === undefined ? '' : html` data-live="${live}"`}>
${nav === undefined ? '' : html`<a class="skip" href="#main">To the content</a>`}
<header class="top"><span class="brand"><img src="${root}assets/placet.svg" alt="" width="24" height="24">Placet</span>${page.badge ?? ''}</header>
${nav ?? ''}
<main id="main">${page.main}</main>
<footer>${page.foot ?? html`<p>Placet holds sensitive calls of agents until a person has approved them.</p>`}</footer>
</body>
</html>
`;
}
