import { html } from 'hono/html';
import type { Problem } from '../../problems.ts';
import type { Visitor } from '../../site-context.ts';
import { layout, type Layout } from '../layout.ts';
import type { Html } from '../segments.ts';
import { problemBanner } from '../sign-in-page.ts';

export type ConsolePage =
  | 'waiting'
  | 'history'
  | 'evidence'
  | 'tools'
  | 'me'
  | 'people'
  | 'rules'
  | 'journal';

const PAGES: readonly (readonly [ConsolePage, string, string])[] = [
  ['waiting', 'console', 'Waiting'],
  ['history', 'console/requests', 'History'],
  ['evidence', 'console/evidence', 'Evidence'],
  ['tools', 'console/tools', 'Tools'],
  ['me', 'console/me', 'Me'],
  ['people', 'console/people', 'People'],
  ['rules', 'console/rules', 'Rules'],
  ['journal', 'console/journal', 'Journal'],
];

/** What stands around every page of the console. */
export interface Shell {
  readonly root: string;
  readonly visitor: Visitor;
  /** The sealed field of the form that signs out. */
  readonly signOut: string;
  readonly current?: ConsolePage;
}

/** The parts of a page's frame that make it one of the console. */
export function consoleFrame(shell: Shell): Pick<Layout, 'nav' | 'badge' | 'console' | 'live'> {
  const { root, visitor, current } = shell;
  const counts: Partial<Record<ConsolePage, Html>> = {
    waiting: count(visitor.waiting, 'waiting for you'),
    ...(visitor.changed > 0 ? { tools: count(visitor.changed, 'to look at') } : {}),
  };
  return {
    console: true,
    live: `${root}console/events`,
    badge: html`<form class="who" method="post" action="${root}sign-out"><span>${visitor.session.holder.name}</span>
<input type="hidden" name="proof" value="${shell.signOut}"><button type="submit" class="plain">Sign out</button></form>`,
    nav: html`<nav class="nav" aria-label="Console"><ul>${PAGES.filter(
      ([name]) => name !== 'evidence' || visitor.evidence,
    ).map(
      ([name, path, title]) =>
        html`<li><a href="${root}${path}"${name === current ? html` aria-current="page"` : ''}>${title}${counts[name] ?? ''}</a></li>`,
    )}</ul></nav>`,
  };
}

function count(number: number, what: string): Html {
  return html` <span class="count${number > 0 ? ' some' : ''}">${number}<span class="unseen"> ${what}</span></span>`;
}

export function consolePage(
  shell: Shell,
  page: {
    readonly title: string;
    readonly main: Html;
    readonly problem?: Problem;
    /** It loads itself again when something has changed. */
    readonly live: boolean;
  },
): Html {
  const { live, ...frame } = consoleFrame(shell);
  return layout({
    ...frame,
    ...(page.live && live !== undefined ? { live } : {}),
    title: `${page.title} – Placet`,
    root: shell.root,
    main: html`${page.problem ? problemBanner(page.problem) : ''}${page.main}`,
  });
}
