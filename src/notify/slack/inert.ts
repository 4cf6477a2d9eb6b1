import { unlinked } from '../unlinked.ts';

/** Text in which nothing leads anywhere, into Slack itself neither. */
export function inert(text: string): string {
  return unlinked(text).replace(/\b(slack):(?=\S)/gi, '$1[:]');
}

/**
 * For the text beside blocks, which notifications show and Slack reads for markup: its control characters are
 * escaped, and nothing mentions anybody.
 */
export function inertMarkup(text: string): string {
  return inert(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(?<!\[)@/g, '[@]');
}
