import { revealedLine } from '../../core/reveal.ts';
import { html, raw, type Html } from './html.ts';
import { STYLE } from './style.ts';

/** No script, and nothing from outside, whatever an agent has written. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A page that stands alone. @param title hostile @param more style of ours, for this page */
export function framed(title: string, body: Html, more = ''): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${revealedLine(title)}</title>
<style>${raw(STYLE + more)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
  return page.text;
}
