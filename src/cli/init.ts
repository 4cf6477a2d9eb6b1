import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { newWorkspaceDir } from '../environment.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import { mailboxOf } from '../core/person.ts';
import { counted } from '../core/time-words.ts';
import { print, type CommonOptions, type Register } from './context.ts';

interface Options extends CommonOptions {
  readonly from?: string;
  readonly reviewer: string;
  readonly owner: string;
  readonly agent: string;
}

const clientConfig = z.object({
  mcpServers: z.record(z.string(), z.unknown()).optional(),
  servers: z.record(z.string(), z.unknown()).optional(),
});

export const register: Register = (program) => {
  program
    .command('init')
    .description('Make a workspace; take over the servers of an existing client configuration.')
    .option('--dir <folder>', 'where (else PLACET_DIR, else ~/.placet)')
    .option(
      '--from <file>',
      'a client configuration whose servers are taken over into mcp.json; it is not changed',
    )
    .requiredOption('--owner <mail>', 'the person for whom the agent acts')
    .requiredOption('--reviewer <mail>', 'the person who approves; never the owner')
    .option('--agent <name>', 'the agent', 'my-agent')
    .action((options: Options) => {
      const dir = newWorkspaceDir(options.dir);
      mustBeTwoPeople(options);
      const servers = options.from === undefined ? {} : serversOf(options.from);
      const files: Readonly<Record<string, string>> = {
        'policies/people.yaml': peopleYaml(options),
        'policies/rules.yaml': RULES,
        'mcp.json': `${JSON.stringify({ mcpServers: servers }, null, 2)}\n`,
        '.env': ENV,
      };
      const standing = Object.keys(files).filter((name) => existsSync(join(dir, name)));
      if (standing.length > 0) {
        throw new ConfigError(
          'workspace_exists',
          `${dir} already has ${standing.join(', ')}; nothing was changed. Choose another folder with --dir.`,
        );
      }
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, name)), { recursive: true, mode: 0o700 });
        writeFileSync(join(dir, name), text, { mode: 0o600, flag: 'wx' });
      }
      mkdirSync(join(dir, 'tools'), { recursive: true });
      print(
        [
          `Made a workspace at ${dir} with ${counted(Object.keys(servers).length, 'server')}.`,
          'Next: put the mail server into .env (PLACET_SMTP_URL, PLACET_MAIL_FROM), read policies/rules.yaml,',
          `then let your client start:  placet stdio --dir ${JSON.stringify(dir)} --agent ${options.agent}`,
        ].join('\n'),
      );
    });
};

/** The servers of a client's configuration, without Placet itself; VS Code calls the member `servers`. */
function serversOf(file: string): Record<string, unknown> {
  let parsed: z.infer<typeof clientConfig>;
  try {
    parsed = clientConfig.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new ConfigError('bad_client_config', `${file} is not a client configuration: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const servers = parsed.mcpServers ?? parsed.servers ?? {};
  return Object.fromEntries(Object.entries(servers).filter(([name]) => name !== 'placet'));
}

function mustBeTwoPeople({ owner, reviewer }: Options): void {
  for (const address of [owner, reviewer]) {
    if (!/^[^\s@<>]+@[^\s@<>]+$/.test(address)) {
      throw new ConfigError(
        'bad_address',
        `${JSON.stringify(address)} is not a mail address such as you@example.com.`,
      );
    }
  }
  if (mailboxOf(owner) === mailboxOf(reviewer)) {
    throw new ConfigError(
      'self_approval',
      'The owner and the reviewer are one human, and nobody approves the calls of their own agent: name somebody else as the reviewer.',
    );
  }
}

function peopleYaml({ owner, reviewer, agent }: Options): string {
  const quoted = (text: string): string => JSON.stringify(text);
  return `people:
  - id: owner
    name: ${quoted(owner)}
    emails: [${quoted(owner)}]
  - id: reviewer
    name: ${quoted(reviewer)}
    emails: [${quoted(reviewer)}]
groups:
  reviewers: [reviewer]
agents:
  - id: ${quoted(agent)}
    owner: owner # the owner never approves the agent's calls
`;
}

const RULES = `unmatched: review # allow | review | deny: what happens to calls that no rule names
review:
  reviewers: [group:reviewers]
  quorum: 1
  verification: link
  expires: 30m
rules:
  - id: reads
    match: { tool: ["read_*", "list_*", "search_*", "get_*"] }
    verdict: allow
`;

const ENV = `# Where approval mails go out, and from whom. TLS is demanded wherever the server is not this machine.
# PLACET_SMTP_URL=smtps://user:password@mail.example.com
# PLACET_MAIL_FROM=Placet <placet@example.com>
# The address under which reviewers reach this host; https unless it is this machine.
# PLACET_PUBLIC_URL=https://placet.example.com
`;
