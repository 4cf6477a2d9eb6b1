import type { Command } from 'commander';
import { revealedLine } from '../core/reveal.ts';
import { revokedApiKeySchema, type RevokedApiKey } from '../host/people-ops.ts';
import { askHost } from './ask-host.ts';
import { print, type CliContext, type CommonOptions } from './context.ts';

/** `placet people revoke-key`: for a person whose key for the API is in other hands, and who cannot revoke it. */
export function registerReviewerKeys(
  people: Command,
  context: CliContext,
  told: (command: () => Promise<void>) => Promise<void>,
): void {
  people
    .command('revoke-key')
    .description('Revoke a key by which a program speaks for a person at the API.')
    .argument('<id>', 'the person')
    .argument('<key_id>', 'the key: what stands between "plr_" and the next "_"')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((person: string, keyId: string, options: CommonOptions) =>
      told(async () => {
        const question = { placet: 1, op: 'revoke_reviewer_key', person, key_id: keyId } as const;
        const revoked = revokedApiKeySchema.parse(await askHost(context, options, question));
        print(options.json ? revoked : renderRevokedKey(revoked));
      }),
    );
}

function renderRevokedKey({ person, key_id, name, left }: RevokedApiKey): string {
  const rest =
    left === 0
      ? `${person} has no other key that holds.`
      : `${person} has ${left} other ${left === 1 ? 'key that holds' : 'keys that hold'}.`;
  return `Revoked the key ${key_id} of ${person}, "${revealedLine(name)}", and ended its streams. ${rest}`;
}
