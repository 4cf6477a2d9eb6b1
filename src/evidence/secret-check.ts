import type { EntryOf } from '../core/entry.ts';
import { PlacetError } from '../core/errors.ts';
import type { Secrets } from '../journal/secrets.ts';
import type { Report } from './problems.ts';

/** Whether what an entry tells to be erased can still be read. */
export async function checkErased(
  entry: EntryOf<'secret.erased'>,
  secrets: Pick<Secrets, 'get'>,
  report: Report,
): Promise<void> {
  const { secrets_commit: commit, request_id: id } = entry;
  try {
    await secrets.get(commit);
  } catch (error) {
    if (error instanceof PlacetError) return;
    throw error;
  }
  report('not_erased', `the secrets ${commit} of ${id} are still there, and can be read`);
}
