/** What a cell can hold. */
export type Cell = string | number | boolean | undefined;

/** A spreadsheet takes a cell that begins so for a formula, some of them also with the full-width signs. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const QUOTED = /[",\r\n\t]|^\s|\s$/;

/** A line of CSV (RFC 4180), with its line feed. What a spreadsheet would compute has an apostrophe before it. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  if (typeof cell !== 'string') return cell === undefined ? '' : String(cell);
  const isFormula = FORMULA.test(cell);
  const text = isFormula ? `'${cell}` : cell;
  return isFormula || QUOTED.test(cell) ? `"${text.replaceAll('"', '""')}"` : text;
}
