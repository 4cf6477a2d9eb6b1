import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { defineTool } from 'placet';
import { z } from 'zod';
import { inCustomers, select } from './_customers-db.ts';

const EXPORTS = 'sandbox/exports';
const COLUMNS = ['id', 'name', 'email', 'city', 'last_active'] as const;

export default defineTool({
  name: 'export_customers',
  title: 'Export customers',
  description: `Writes chosen columns of the customers to a new CSV file in ${EXPORTS}. Never overwrites a file.`,
  tags: ['sensitive', 'pii'],
  input: z.strictObject({
    columns: z
      .array(z.enum(COLUMNS))
      .min(1)
      .refine((columns) => new Set(columns).size === columns.length, 'each column only once')
      .meta({ uniqueItems: true })
      .describe('Which columns, in this order.'),
    inactive_since: z.iso.date().optional().describe('Only customers last active before this day.'),
    file: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.csv$/, 'a plain file name such as customers.csv')
      .describe('The name of the new file, such as customers.csv.'),
  }),
  output: z.object({ file: z.string(), rows: z.int(), columns: z.array(z.enum(COLUMNS)) }),
  summary: ({ columns, inactive_since, file }, { workspace }) =>
    inCustomers(workspace, (db) => {
      const all = select(db).length;
      const matching = select(db, inactive_since).length;
      const which = inactive_since === undefined ? '' : `, those inactive since ${inactive_since}`;
      const taken = existsSync(join(workspace, EXPORTS, file)) ? ' That file exists, so this will fail.' : '';
      return `Export ${columns.join(', ')} of ${matching} of ${all} customers${which} to ${EXPORTS}/${file}.${taken}`;
    }),
  run: async ({ columns, inactive_since, file }, { workspace, signal }) => {
    const customers = await inCustomers(workspace, (db) => select(db, inactive_since));
    signal.throwIfAborted();
    const rows = customers.map((customer) => columns.map((column) => String(customer[column])));
    writeNew(exportsFolder(workspace), file, csv([columns, ...rows]));
    return { file: `${EXPORTS}/${file}`, rows: customers.length, columns };
  },
});

/** The exports folder, which must be itself and not a link to another place. */
function exportsFolder(workspace: string): string {
  const folder = join(realpathSync(workspace), EXPORTS);
  mkdirSync(folder, { recursive: true });
  if (realpathSync(folder) !== folder) {
    throw new Error(`${EXPORTS} leads out of the workspace: put a folder there instead of a link.`);
  }
  return folder;
}

function writeNew(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  const file = create(path, name);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function create(path: string, name: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (!existsSync(path)) throw error;
    throw new Error(`${EXPORTS}/${name} exists; give another name.`, { cause: error });
  }
}

/** CSV by RFC 4180. A leading quote mark keeps spreadsheets from taking a cell for a formula. */
function csv(lines: readonly (readonly string[])[]): string {
  const cell = (value: string): string => {
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}
