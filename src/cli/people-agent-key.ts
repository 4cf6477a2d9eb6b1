import type { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { agentKeysSchema, issuedKeySchema, revokedKeySchema } from '../host/people-ops.ts';
import { askHost } from './ask-host.ts';
import { print, type CliContext, type CommonOptions } from './context.ts';
import { renderAgentKeys, renderIssuedKey, renderRevokedKey } from './people-agent-key-words.ts';
import { mustBeAgent } from './people-host.ts';

interface IssueOptions extends CommonOptions {
  readonly expires?: string;
}

/** Runs a command, so that a wrong name is told as wrong use. */
type Told = (command: () => Promise<void>) => Promise<void>;

const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_MS = 3650 * UNIT_MS.d;

/** `placet people agent-key …`: the keys by which agents prove who they are. */
export function registerAgentKeys(people: Command, context: CliContext, told: Told): void {
  const keys = people
    .command('agent-key')
    .description('Issue, list and revoke the keys by which agents prove who they are.');

  keys
    .command('issue')
    .description('Issue a key to an agent and print it, once.')
    .argument('<agent>', 'the agent, as people.yaml names it')
    .option('--expires <time>', 'when it expires, from now: such as 12h or 90d (default: never)')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((agent: string, options: IssueOptions) =>
      told(async () => {
        const lasts = options.expires === undefined ? {} : { lasts_ms: lastsMs(options.expires) };
        await mustBeAgent(context.workspaceDir(options), agent);
        const answer = await askHost(context, options, { placet: 1, op: 'issue_agent_key', agent, ...lasts });
        const issued = issuedKeySchema.parse(answer);
        print(options.json ? issued : renderIssuedKey(issued));
      }),
    );

  keys
    .command('list')
    .description('The keys of every agent; of each its id and whether it holds, never the key itself.')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((options: CommonOptions) =>
      told(async () => {
        const answer = await askHost(context, options, { placet: 1, op: 'agent_keys' });
        const known = agentKeysSchema.parse(answer);
        print(options.json ? known : renderAgentKeys(known));
      }),
    );

  keys
    .command('revoke')
    .description('Revoke a key of an agent and end the sessions that were opened with it.')
    .argument('<agent>', 'the agent')
    .argument('<key_id>', 'the key, as "placet people agent-key list" shows it')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((agent: string, keyId: string, options: CommonOptions) =>
      told(async () => {
        const question = { placet: 1, op: 'revoke_agent_key', agent, key_id: keyId } as const;
        const revoked = revokedKeySchema.parse(await askHost(context, options, question));
        print(options.json ? revoked : renderRevokedKey(revoked));
      }),
    );
}

/** @throws ConfigError `bad_expiry` */
function lastsMs(text: string): number {
  const match = /^(\d{1,6})([hd])$/.exec(text);
  const ms = Number(match?.[1]) * UNIT_MS[(match?.[2] ?? 'd') as keyof typeof UNIT_MS];
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new ConfigError('bad_expiry', '--expires takes a time from 1h to 3650d, such as 12h or 90d.');
}
