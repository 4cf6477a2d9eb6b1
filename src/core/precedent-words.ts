import type { Precedents } from './history.ts';

/** What became of an agent's calls to a tool in the last 30 days, in one sentence. */
export function precedentWords(precedents: Precedents): string {
  const { approved, rejected, ended, pending } = precedents;
  const parts = [
    [approved, 'approved'],
    [rejected, 'rejected'],
    [ended, 'ended without a decision'],
    [pending, 'waiting now'],
  ] as const;
  const told = parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count.toLocaleString('en')} ${word}`);
  if (told.length > 0) return `In the last 30 days: ${told.join(', ')}.`;
  return precedents.last_approved === undefined
    ? 'First time that this agent asks for this tool.'
    : 'Not in the last 30 days, but approved before.';
}
