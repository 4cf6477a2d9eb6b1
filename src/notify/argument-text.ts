import { LINE_FEED, markText, TAB, type Segment } from '../core/reveal.ts';

/** What the agent wrote as plain text of several lines, each behind a prefix, so that none can pass for a line of ours. */
export function argumentText(segments: readonly Segment[], prefix: string): string {
  return segments
    .map((segment) => {
      if (segment.kind === 'text') return segment.text.replaceAll('\n', `\n${prefix}`);
      if (segment.codePoint === LINE_FEED) return `↵\n${prefix}`;
      return segment.codePoint === TAB ? '⇥\t' : markText(segment);
    })
    .join('');
}
