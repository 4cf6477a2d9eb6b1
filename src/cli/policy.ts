import { join } from 'node:path';
import { channelsOf, loadSettings, verificationsOf } from '../config.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { checkControls } from '../evidence/controls/load.ts';
import { checkPolicy } from '../policies/check.ts';
import { explain, renderExplanation } from '../policies/explain.ts';
import { type LoadedPolicy, loadPolicy, type LoadResult } from '../policies/load.ts';
import type { Problem } from '../policies/positions.ts';
import { type CommonOptions, print, type Register } from './context.ts';

interface ExplainOptions extends CommonOptions {
  readonly server: string;
  readonly tool: string;
  readonly args: string;
  readonly agent?: string;
  readonly tags?: string;
  readonly changed?: boolean;
}

/** `placet policy check` and `placet policy explain`. */
export const register: Register = (program, context) => {
  const load = (options: CommonOptions) => {
    const workspace = context.workspaceDir(options);
    const settings = loadSettings(workspace, 'operator');
    return loadPolicy({
      dir: join(workspace, 'policies'),
      verifications: verificationsOf(settings),
      channels: channelsOf(settings),
      ...(settings.oidc ? { issuer: settings.oidc.issuer } : {}),
    });
  };
  const policy = program
    .command('policy')
    .description('Check the rules, and say the verdict for a call and why.');
  policy
    .command('check')
    .description(
      'Validate people.yaml, the rules and controls.yaml, and find rules that could never be satisfied.',
    )
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((options: CommonOptions) =>
      orWrongUse(async () => {
        const own = await checkControls(join(context.workspaceDir(options), 'policies'));
        check(await load(options), own, options);
      }),
    );
  policy
    .command('explain')
    .description('Say the verdict for a call, and for each rule why it matches or not.')
    .requiredOption('--server <name>', "the downstream's name in mcp.json, or tools for guarded tools")
    .requiredOption('--tool <name>', "the tool's own name, without a prefix")
    .option('--args <json>', 'the arguments, a JSON object', '{}')
    .option('--agent <id>', 'who calls; may be left out when people.yaml names exactly one agent')
    .option('--tags <list>', "the tool's tags, separated by commas")
    .option('--changed', "as it is while the tool's definition is changed and nobody has accepted it")
    .option('--dir <folder>', 'the workspace')
    .option('--json', 'as JSON')
    .action((options: ExplainOptions) => orWrongUse(async () => explainCall(await load(options), options)));
};

/** @param controls what is wrong with the workspace's mapping to controls */
function check(result: LoadResult, controls: readonly Problem[], { json }: CommonOptions): void {
  const problems = [...(result.kind === 'ok' ? checkPolicy(result.policy) : result.problems), ...controls];
  const warnings = result.kind === 'ok' ? result.warnings : [];
  if (problems.length > 0) process.exitCode = 1;
  if (json) {
    print({ valid: problems.length === 0, problems, warnings, ...summary(result) });
    return;
  }
  for (const problem of problems) print(placed(problem));
  for (const warning of warnings) print(placed(warning, 'warning: '));
  if (result.kind === 'ok' && problems.length === 0) {
    const { rules, people } = result.policy;
    const counts = `rules: ${rules.length}, people: ${people.people.length}, agents: ${people.agents.length}`;
    print(`The policy is valid; ${counts} (${result.files.join(', ')}).`);
  }
}

function explainCall(result: LoadResult, options: ExplainOptions): void {
  if (result.kind === 'invalid') {
    process.exitCode = 1;
    for (const problem of result.problems) process.stderr.write(`${placed(problem)}\n`);
    return;
  }
  const { policy } = result;
  const agent = agentOf(policy, options.agent);
  const explanation = explain(policy, {
    agent: agent.id,
    owner: agent.owner,
    server: options.server,
    tool: options.tool,
    tags: (options.tags ?? '').split(',').filter((tag) => tag !== ''),
    args: argsOf(options.args),
    now: new Date(),
    changed: options.changed === true,
  });
  if (options.json) print(explanation);
  else print(renderExplanation(explanation));
}

function agentOf({ people: { agents } }: LoadedPolicy, id: string | undefined) {
  const known = agents.map((agent) => agent.id).join(', ') || 'none';
  const agent = id === undefined && agents.length === 1 ? agents[0] : agents.find((one) => one.id === id);
  if (agent) return agent;
  throw new ConfigError(
    'unknown_agent',
    id === undefined
      ? `Say which agent calls with --agent; people.yaml names ${known}.`
      : `people.yaml names no agent ${id}; it names ${known}.`,
  );
}

function argsOf(text: string): JsonObject {
  let args: unknown;
  try {
    args = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError('bad_arguments', `--args is not JSON: ${messageOf(cause)}.`, { cause });
  }
  if (isJsonObject(args)) return args;
  throw new ConfigError('bad_arguments', '--args must be a JSON object such as {"path":"/srv/a.txt"}.');
}

function summary(result: LoadResult) {
  if (result.kind === 'invalid') return {};
  const { version, rules, people } = result.policy;
  const counts = { rules: rules.length, people: people.people.length, agents: people.agents.length };
  return { version, files: result.files, ...counts };
}

/** Runs a command whose ConfigErrors are the caller's mistakes: one line, exit code 2. */
async function orWrongUse(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`placet: ${error.message} [${error.code}]\n`);
    process.exitCode = 2;
  }
}

function placed({ file, line, column, message }: Problem, kind = ''): string {
  return `${file}:${line}:${column}: ${kind}${message}`;
}
