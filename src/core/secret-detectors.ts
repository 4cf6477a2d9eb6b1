import { cardNumbers } from './card-numbers.ts';
import { privateKeys } from './private-keys.ts';
import { MARK_BEGINS, type SecretKind } from './secret-marks.ts';
import type { SecretSpan } from './secret-span.ts';

interface Detector {
  readonly kind: SecretKind;
  /** Where none of these stands, the pattern matches nothing: to look for them costs a tenth. Absent: any may. */
  readonly hints?: readonly string[];
  /**
   * Its first group, else all of it, is the secret. A run without a limit begins only where no letter of such a run
   * stands before it, so that none is read twice: the time grows with the text and not with its square.
   */
  readonly pattern: RegExp;
  readonly isOne?: (secret: string) => boolean;
}

/** Behind a character of no word, or an escape of JSON within the text. */
const BEGINS = String.raw`(?:(?<![\w-])|(?<=\\[bfnrt]))`;

const DETECTORS: readonly Detector[] = [
  {
    kind: 'AWS key',
    hints: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    pattern: at('(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])'),
  },
  {
    kind: 'AWS key',
    pattern: /aws_?secret_?(?:access_?)?key["'\s:=\\]{1,8}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  },
  {
    kind: 'GitHub token',
    hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: at('gh[pousr]_[A-Za-z0-9]{30,255}'),
  },
  { kind: 'GitHub token', hints: ['github_pat_'], pattern: at('github_pat_[A-Za-z0-9_]{22,255}') },
  {
    kind: 'GitLab token',
    hints: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-'],
    pattern: at('gl(?:pat|dt|rt|ptt|cbt)-[\\w-]{20,255}'),
  },
  { kind: 'Slack token', hints: ['xox'], pattern: at('xox[a-z]-[A-Za-z0-9-]{10,255}') },
  { kind: 'Slack token', hints: ['xapp-'], pattern: at('xapp-[A-Za-z0-9-]{10,255}') },
  {
    kind: 'Slack token',
    hints: ['hooks.slack.com/'],
    pattern: /hooks\.slack\.com\/(?:services|workflows)\/([A-Za-z0-9/]{20,255})/g,
  },
  {
    kind: 'Stripe key',
    hints: ['k_live_', 'k_test_'],
    pattern: at('[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}'),
  },
  { kind: 'Stripe key', hints: ['whsec_'], pattern: at('whsec_[A-Za-z0-9+/=]{24,255}') },
  { kind: 'API key', hints: ['sk-'], pattern: at('sk-[\\w-]{20,255}'), isOne: (secret) => /\d/.test(secret) },
  { kind: 'Google key', hints: ['AIza'], pattern: at('AIza[\\w-]{35}(?![\\w-])') },
  { kind: 'Google key', hints: ['GOCSPX-'], pattern: at('GOCSPX-[\\w-]{28}(?![\\w-])') },
  { kind: 'Google token', hints: ['ya29.'], pattern: at('ya29\\.[\\w-]{20,2048}') },
  { kind: 'npm token', hints: ['npm_'], pattern: at('npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])') },
  { kind: 'JSON web token', hints: ['eyJ'], pattern: at('eyJ[\\w-]{10,}\\.[\\w-]{10,}(?:\\.[\\w-]*){1,3}') },
  {
    kind: 'credential',
    pattern: /(?<![A-Za-z])bearer[ \t]{1,4}([A-Za-z0-9._~+/-]{8,2048}={0,2})/gi,
    // Of words there are many behind this one, and none of them has a digit in it or is so long.
    isOne: (secret) => /\d/.test(secret) || secret.length >= 32,
  },
  {
    kind: 'credential',
    pattern: /(?<![A-Za-z])basic[ \t]{1,4}([A-Za-z0-9+/_-]{6,2048}={0,2})/gi,
    isOne: (secret) => Buffer.from(secret, 'base64').includes(0x3a),
  },
  {
    kind: 'password of an address',
    hints: ['://'],
    pattern: /[A-Za-z0-9+.-]:\/\/[^\s/?#@:"'<>]{0,100}:([^\s/?#@"<>]{1,200})@/g,
  },
];

/** What a part of a longer text may hold without being able to do something there. */
/** What a secret is made of as a rule: of anything else people are told to look. */
export const PLAIN = /^[\w.~+/=:%-]*$/;

/** Finds what can be told to be secret by how it looks: stretches in their order, none over another. */
export function detectSecrets(text: string): readonly SecretSpan[] {
  const spans: SecretSpan[] = [...privateKeys(text), ...cardNumbers(text), ...imitations(text)];
  for (const { kind, hints, pattern, isOne } of DETECTORS) {
    if (hints?.every((hint) => !text.includes(hint))) continue;
    for (const found of text.matchAll(pattern)) {
      const secret = found[1] ?? found[0];
      if (isOne && !isOne(secret)) continue;
      // The group is the last thing in its pattern, but for what may follow it in one character.
      const from = found.index + found[0].lastIndexOf(secret);
      spans.push({ from, to: from + secret.length, kind, unusual: !PLAIN.test(secret) });
    }
  }
  return apart(spans);
}

/** In order; of those that overlap, one that reaches as far as all of them. */
export function apart(spans: readonly SecretSpan[]): readonly SecretSpan[] {
  const inOrder = [...spans].sort((a, b) => a.from - b.from || b.to - a.to);
  const found: SecretSpan[] = [];
  for (const span of inOrder) {
    const last = found.at(-1);
    if (!last || span.from >= last.to) found.push(span);
    else if (span.to > last.to)
      found[found.length - 1] = { ...last, to: span.to, unusual: last.unusual || span.unusual };
  }
  return found;
}

function imitations(text: string): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (let from = text.indexOf(MARK_BEGINS); from >= 0; ) {
    const to = from + MARK_BEGINS.length;
    spans.push({ from, to, kind: 'imitated mark', unusual: false });
    from = text.indexOf(MARK_BEGINS, to);
  }
  return spans;
}

function at(secret: string): RegExp {
  return new RegExp(BEGINS + secret, 'g');
}
