import { join } from 'node:path';
import { loadSettings, verificationsOf } from '../config.ts';
import { messageOf, PlacetError } from '../core/errors.ts';
import { invitedSchema, revokedSchema } from '../host/people-ops.ts';
import { changePeople } from '../policies/change-people.ts';
import { checkPolicy } from '../policies/check.ts';
import { addPerson, removePerson } from '../policies/edit-people.ts';
import type { LoadedPolicy } from '../policies/load.ts';
import { askHost } from './ask-host.ts';
import { type CliContext, type CommonOptions, print, type Register } from './context.ts';
import { registerAgentKeys } from './people-agent-key.ts';
import { keysAtHost, mustBeListed, policyOf } from './people-host.ts';
import { listed, renderList } from './people-list.ts';
import { registerReviewerKeys } from './people-reviewer-key.ts';
import { renderInvited, renderRevoked } from './people-words.ts';

interface AddOptions extends CommonOptions {
  readonly name: string;
  readonly email: readonly string[];
  readonly group: readonly string[];
}

interface RemoveOptions extends CommonOptions {
  readonly groups?: boolean;
}

/** Errors that say that the command was used wrongly, rather than that the answer is no. */
const WRONG_USE: ReadonlySet<string> = new Set([
  'unknown_person',
  'person_exists',
  'unknown_group',
  'unknown_agent',
  'bad_expiry',
]);

const NAMED =
  'With --groups the person is taken out of groups, too; change agents, acts_for and rules that name them by hand.';

/** `placet people …`: who reviews, and the keys by which they do. Nothing here decides anything. */
export const register: Register = (program, context) => {
  const people = program
    .command('people')
    .description(
      'List, add and remove people; invite them to enrol a passkey, and revoke their passkeys. Issue keys to agents.',
    );

  people
    .command('list')
    .description('People with their groups, agents and, while a host runs, passkeys and invitations.')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((options: CommonOptions) =>
      told(async () => {
        const workspace = context.workspaceDir(options);
        const list = listed((await policyOf(workspace)).people, await keysAtHost(workspace));
        print(options.json ? list : renderList(list));
      }),
    );

  people
    .command('add')
    .description('Add a person to policies/people.yaml; the rest of the file stays as it is.')
    .argument('<id>', 'what rules and groups call the person, such as alice')
    .requiredOption('--name <name>', 'the name that others read')
    .requiredOption('--email <address>', 'an address that reaches the person, for each of them', collect)
    .option('--group <name>', 'a group that the person joins, for each of them', collect, [])
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((id: string, options: AddOptions) =>
      told(async () => {
        const { name, email: emails, group: groups } = options;
        const policy = await change(context, options, (text) =>
          addPerson(text, { id, name, emails, groups }),
        );
        const joined = groups.length === 0 ? '' : `, in ${groups.join(', ')}`;
        const next = `Next: "placet people invite ${id}", for a passkey.`;
        done(options, policy, { added: id }, `Added ${id} (${name})${joined}. ${next}`);
      }),
    );

  people
    .command('remove')
    .description(
      'Take a person out of policies/people.yaml; refused while rules, groups or agents name them.',
    )
    .argument('<id>', 'the person')
    .option('--groups', 'take the person out of groups, too')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((id: string, options: RemoveOptions) =>
      told(async () => {
        const groups = options.groups === true;
        const policy = await change(context, options, (text) => removePerson(text, id, { groups }), NAMED);
        const next = `If ${id} has passkeys, revoke them, too: "placet people revoke ${id}".`;
        done(options, policy, { removed: id }, `Removed ${id}. ${next}`);
      }),
    );

  people
    .command('invite')
    .description('Mail a person the invitation to enrol a passkey, and print the code that it asks for.')
    .argument('<id>', 'the person')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((person: string, options: CommonOptions) =>
      told(async () => {
        await mustBeListed(context.workspaceDir(options), person);
        const answer = await askHost(context, options, { placet: 1, op: 'invite', person });
        const invited = invitedSchema.parse(answer);
        print(options.json ? invited : renderInvited(invited));
      }),
    );

  people
    .command('revoke')
    .description('Revoke a passkey of a person, or all of them, and end the sessions that they opened.')
    .argument('<id>', 'the person')
    .argument('[credential]', 'the passkey, as "placet people list" shows it; without it all')
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((person: string, credential: string | undefined, options: CommonOptions) =>
      told(async () => {
        const one = credential === undefined ? {} : { credential_id: credential };
        const answer = await askHost(context, options, { placet: 1, op: 'revoke', person, ...one });
        const revoked = revokedSchema.parse(answer);
        print(options.json ? revoked : renderRevoked(revoked, one.credential_id));
      }),
    );

  registerAgentKeys(people, context, told);
  registerReviewerKeys(people, context, told);
};

async function change(
  context: CliContext,
  options: CommonOptions,
  edit: (text: string) => string,
  hint?: string,
): Promise<LoadedPolicy> {
  const workspace = context.workspaceDir(options);
  const verifications = verificationsOf(loadSettings(workspace, 'operator'));
  return changePeople({
    dir: join(workspace, 'policies'),
    verifications,
    edit,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What was done, and what the rules now lack. */
function done({ json }: CommonOptions, policy: LoadedPolicy, what: object, sentence: string): void {
  const problems = checkPolicy(policy);
  if (json) return print({ ...what, problems });
  print(sentence);
  for (const { file, line, column, message } of problems) {
    process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
  }
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Runs a command; who was named wrongly is wrong use, exit code 2. */
async function told(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof PlacetError) || !WRONG_USE.has(error.code)) throw error;
    process.stderr.write(`placet: ${messageOf(error)} [${error.code}]\n`);
    process.exitCode = 2;
  }
}
