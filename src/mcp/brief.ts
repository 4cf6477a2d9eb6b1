import { revealedLine } from '../core/reveal.ts';

/** Text that others wrote, on one line with nothing hidden in it, at most `max` characters long. */
export function brief(text: string, max = 200): string {
  const line = revealedLine(text.slice(0, max));
  return line.length > max || text.length > max ? `${line.slice(0, max).toWellFormed()}…` : line;
}
