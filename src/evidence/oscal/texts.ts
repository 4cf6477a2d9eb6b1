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

/** What a token of OSCAL cannot hold. */
const NO_TOKEN = /[^\p{L}\p{N}.\-_]/gu;

/** Families and enhancements of NIST SP 800-53, such as `AC-6(9)`. */
const NIST = /^([A-Z]{2})-(\d+)(?:\((\d+)\))?$/;

/**
 * A control's id in OSCAL: as NIST's own catalogue has it, such as `ac-6.9`; for what is in no catalogue of NIST's, such
 * as `soc2_CC6.1`.
 */
export function controlId(framework: string, id: string): string {
  const [, family, number, enhancement] = /^(nist|fedramp)/.test(framework) ? (NIST.exec(id) ?? []) : [];
  if (family !== undefined && number !== undefined) {
    return `${family.toLowerCase()}-${number}${enhancement === undefined ? '' : `.${enhancement}`}`;
  }
  return `_${framework}_${id}`.replace(NO_TOKEN, '-').replace(/^_(?=\p{L})/u, '');
}
