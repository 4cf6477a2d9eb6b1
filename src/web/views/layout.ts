import { html } from 'hono/html';
import type { Html } from './segments.ts';

export interface Layout {
  readonly title: string;
  /** The way from this page up to the site's root, such as `../`: the site may stand under a path of a proxy. */
  readonly root: string;
  /** What stands at the right of the page's head. */
  readonly badge?: Html;
  /** Seconds after which the browser loads the page again. */
  readonly refresh?: number;
  readonly main: Html;
  readonly foot?: Html;
}

/** The frame of every page. */
export function layout(page: Layout): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
${page.refresh === undefined ? '' : html`<meta http-equiv="refresh" content="${page.refresh}">`}
<title>${page.title}</title>
<link rel="icon" href="${page.root}assets/placet.svg" type="image/svg+xml">
<link rel="stylesheet" href="${page.root}assets/placet.css">
</head>
<body>
<header class="top"><span class="brand"><img src="${page.root}assets/placet.svg" alt="" width="24" height="24">Placet</span>${page.badge ?? ''}</header>
<main>${page.main}</main>
<footer>${page.foot ?? html`<p>Placet holds sensitive calls of agents until a person has approved them.</p>`}</footer>
</body>
</html>
`;
}
