import { revealedLine } from '../../core/reveal.ts';

/** Signs that mean something in OSCAL's markup, which is a part of Markdown. */
const MARKUP = /[\\`*_[\]<>{}~^&|#]/g;

/** Hostile text as a value: one line, nothing in it that is not seen, never empty (OSCAL's string). */
export function valueOf(text: string): string {
  const line = revealedLine(text).trim();
  return line === '' ? '(empty)' : line;
}

/** Hostile text within a description or remark: shown as it is, and never taken for markup. */
export function plainMarkup(text: string): string {
  return valueOf(text).replace(MARKUP, (sign) => `\\${sign}`);
}

/** Families and enhancements of NIST SP 800-53, such as `AC-6(9)`. */
const NIST = /^([A-Z]{2})-(\d+)(?:\((\d+)\))?$/;

/** A control's id as NIST's own catalogue in OSCAL has it, such as `ac-6.9`; nothing for what is not in it. */
export function nistControlId(framework: string, id: string): string | undefined {
  if (!/^(nist|fedramp)/.test(framework)) return undefined;
  const [, family, number, enhancement] = NIST.exec(id) ?? [];
  if (family === undefined || number === undefined) return undefined;
  return `${family.toLowerCase()}-${number}${enhancement === undefined ? '' : `.${enhancement}`}`;
}
