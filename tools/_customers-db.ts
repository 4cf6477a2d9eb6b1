import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Database } from 'node-sqlite3-wasm';
import { z } from 'zod';

/** Where the demo's database stands in a workspace. */
export const DATABASE = 'sandbox/customers.db';

export type Customer = z.infer<typeof CustomerRow>;

const require = createRequire(import.meta.url);

const WAIT_MS = 2000;

const CustomerRow = z.object({
  id: z.int(),
  name: z.string(),
  email: z.string(),
  city: z.string(),
  last_active: z.iso.date(),
});

const SEED = [
  ['Ada Okafor', 'ada.okafor@example.com', 'Lagos', '2026-10-30'],
  ['Bram de Wit', 'bram@example.com', 'Utrecht', '2022-03-14'],
  ['Chiara Rossi', 'chiara.rossi@example.com', 'Turin', '2026-11-02'],
  ['Dmitri Volkov', 'd.volkov@example.com', 'Riga', '2023-07-21'],
  ['Elena Petrova', 'elena@example.com', 'Sofia', '2025-12-08'],
  ['Farid Rahimi', 'farid.rahimi@example.com', 'Lyon', '2026-06-19'],
  ['Grace Mwangi', 'grace@example.com', 'Nairobi', '2026-11-20'],
  ['Hugo Lindqvist', 'hugo.l@example.com', 'Malmö', '2023-11-30'],
  ['Inès Moreau', 'ines.moreau@example.com', 'Nantes', '2026-01-05'],
  ['Jun Watanabe', 'jun@example.com', 'Osaka', '2025-08-17'],
  ['Katya "Kat" Novak', 'katya.novak@example.com', 'Brno', '2026-09-09'],
  ['Liam Byrne', 'liam.byrne@example.com', 'Cork', '2024-05-27'],
] as const;

/**
 * Runs `work` in a transaction on the workspace's database, which is made with twelve customers at first use.
 * What `work` throws undoes everything.
 */
export async function inCustomers<T>(workspace: string, work: (db: Database) => T): Promise<T> {
  // Loaded at first use, because compiling SQLite takes longer than all the rest of starting.
  const sqlite = require('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm');
  mkdirSync(join(workspace, 'sandbox'), { recursive: true });
  const db = new sqlite.Database(join(workspace, DATABASE));
  try {
    db.exec(`PRAGMA busy_timeout = ${WAIT_MS}`);
    db.exec('BEGIN IMMEDIATE');
    seed(db);
    const result = work(db);
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    if (error instanceof Error && error.message === 'database is locked') {
      const message = `${DATABASE} is in use. Try again; if nothing uses it, remove ${DATABASE}.lock, which a killed process left.`;
      throw new Error(message, { cause: error });
    }
    throw error;
  } finally {
    db.close();
  }
}

/** Customers last active before a date, or all of them. */
export function select(db: Database, before?: string): Customer[] {
  const where = 'WHERE ?1 IS NULL OR last_active < ?1';
  return CustomerRow.array().parse(db.all(`SELECT * FROM customers ${where} ORDER BY id`, [before ?? null]));
}

/** Deletes the customers last active before a date, and gives those that were deleted. */
export function remove(db: Database, before: string): Customer[] {
  return CustomerRow.array().parse(
    db.all('DELETE FROM customers WHERE last_active < ? RETURNING *', [before]),
  );
}

function seed(db: Database): void {
  if (db.get('PRAGMA user_version')?.user_version !== 0) return;
  db.exec(`CREATE TABLE customers (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, city TEXT NOT NULL, last_active TEXT NOT NULL
  ) STRICT`);
  for (const row of SEED) {
    db.run('INSERT INTO customers (name, email, city, last_active) VALUES (?, ?, ?, ?)', [...row]);
  }
  db.exec('PRAGMA user_version = 1');
}
