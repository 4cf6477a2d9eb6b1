import { shortened } from '../core/characters.ts';
import { revealedLine } from '../core/reveal.ts';

const QUOTE_MAX = 300;
const SECRET_MIN = 6;

/**
 * What the other side said, as it can stand in an error: one line, nothing hidden in it, not long, and without what
 * was secret in the question.
 */
export function quoted(text: string, secrets: readonly string[]): string {
  let out = text;
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  for (const secret of longestFirst) if (secret !== '') out = out.replaceAll(secret, '[secret]');
  return shortened(revealedLine(out.replaceAll(/\s+/g, ' ').trim()), QUOTE_MAX);
}

/** All of an address that must not be told: it, and what of it would be enough to use it. */
export function secretsOf(address: string): readonly string[] {
  const url = new URL(address);
  const parts = [
    ...url.pathname.split('/').filter((part) => part.length >= 16),
    ...url.searchParams.values(),
    ...url.search.slice(1).split(/[&=]/),
    url.username,
    url.password,
    decodeURIComponent(url.password),
  ];
  return [
    address,
    url.href,
    `${url.pathname}${url.search}`,
    url.search,
    ...parts.filter((part) => part.length >= SECRET_MIN),
  ].filter((part) => part.length > 1);
}
