import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { VerificationLevel } from '../core/entry.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import { readPeople } from './people.ts';
import { strangeIssuers } from './shared.ts';
import { type Problem, readYaml, type Source } from './positions.ts';
import { type LoadedRule, type ReadRules, readRules } from './rules.ts';

/** A policy that also knows where its rules stand, for `check` and `explain`. */
export interface LoadedPolicy extends Policy {
  readonly rules: readonly LoadedRule[];
  readonly termsProblem: ReadRules['termsProblem'];
  /** Channels that are named and not set up here: what is sent there fails, and the others go on. */
  readonly missing: readonly Problem[];
}

export type LoadResult =
  | {
      readonly kind: 'ok';
      readonly policy: LoadedPolicy;
      /** The files that it was read from, such as `policies/rules.yaml`, people.yaml first. */
      readonly files: readonly string[];
      /** What stood in them, in the same order. */
      readonly texts: readonly PolicyText[];
      /** What loads but is probably not meant. */
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

export interface LoadOptions {
  /** The folder that holds people.yaml and the rules. */
  readonly dir: string;
  /** How a decision can be verified in this workspace. Default: by link. */
  readonly verifications?: readonly VerificationLevel[];
  /** The channels that are set up in this workspace (`channelsOf`); nothing is said of others where it is not known. */
  readonly channels?: readonly string[];
  /** The provider that people sign on with; nothing is said of identities elsewhere where it is not known. */
  readonly issuer?: string;
  /** A text to read instead of people.yaml's: would the policy load if that stood there? */
  readonly people?: string;
}

/** One file of a policy. */
export interface PolicyText {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const PEOPLE = 'people.yaml';
/** The workspace's mapping to controls: it decides nothing, and its change is no change of the policy. */
const CONTROLS = 'controls.yaml';
const LARGEST_FILE = 1_048_576;

/**
 * Reads the policies of a workspace: people.yaml, then every other `*.yaml` and `*.yml` in the order of their
 * names, hidden files, `*.test.yaml` and `controls.yaml` left out. All mistakes of all files are reported at once.
 *
 * @throws ConfigError `policy_missing` when there is no such folder or no people.yaml in it,
 * `policy_unreadable` when a file cannot be read.
 */
export async function loadPolicy(options: LoadOptions): Promise<LoadResult> {
  const { dir, verifications = ['link'], channels } = options;
  const files = (await readFiles(dir)).map((file) =>
    file.name === PEOPLE && options.people !== undefined
      ? { ...file, bytes: new TextEncoder().encode(options.people) }
      : file,
  );
  const sources = files.map(({ name, bytes }) => sourceOf(`${basename(dir)}/${name}`, bytes));
  const [first, ...others] = sources;
  if (!first) throw missing(dir);
  const here = { verifications, ...(channels === undefined ? {} : { channels }) };
  const people = readPeople(first, here);
  const [rulesFile = readYaml(`${basename(dir)}/rules.yaml`, ''), ...more] = others;
  const rules = readRules([rulesFile, ...more], { people, ...here });

  const misplaced = await rulesAmongControls(dir);
  const problems = [...[...sources, people, rules].flatMap((part) => part.problems), ...misplaced];
  if (problems.length > 0) return { kind: 'invalid', problems: inOrder(problems, sources) };
  const unset = inOrder([...people.missing, ...rules.missing], sources);
  return {
    kind: 'ok',
    policy: {
      version: policyVersion(files),
      unmatched: rules.unmatched,
      review: rules.review,
      rules: rules.rules,
      people: people.people,
      termsProblem: rules.termsProblem,
      missing: unset,
    },
    files: sources.map((source) => source.file),
    texts: files,
    warnings: inOrder(
      [
        ...people.warnings,
        ...strangeIssuers(first, people.people.people, options.issuer),
        ...rules.warnings,
        ...unset,
      ],
      sources,
    ),
  };
}

async function readFiles(dir: string): Promise<readonly PolicyText[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw missing(dir, cause);
  });
  if (!names.includes(PEOPLE)) throw missing(dir);
  const rules = names.filter((name) => name !== PEOPLE && isRulesFile(name)).sort();
  return Promise.all([PEOPLE, ...rules].map((name) => readOne(dir, name)));
}

function isRulesFile(name: string): boolean {
  return /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name) && !name.startsWith('.') && name !== CONTROLS;
}

/** Rules in the file of controls would not be read, and what they deny would be allowed: that must not go unseen. */
async function rulesAmongControls(dir: string): Promise<readonly Problem[]> {
  if (!(await readdir(dir)).includes(CONTROLS)) return [];
  const source = sourceOf(`${basename(dir)}/${CONTROLS}`, (await readOne(dir, CONTROLS)).bytes);
  const keys = typeof source.value === 'object' && source.value !== null ? Object.keys(source.value) : [];
  const own = keys.find((key) =>
    ['rules', 'unmatched', 'review', 'people', 'groups', 'agents'].includes(key),
  );
  if (own === undefined) return [];
  return [
    source.problemAtKey(
      [own],
      `${CONTROLS} holds the mapping to controls, and ${own} in it would not be read: move that to another file.`,
    ),
  ];
}

async function readOne(dir: string, name: string): Promise<PolicyText> {
  const path = join(dir, name);
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE) throw new Error('it is larger than 1 MiB');
    return { name, bytes: await readFile(path) };
  } catch (cause) {
    throw new ConfigError(
      'policy_unreadable',
      `The policy file ${path} cannot be read: ${messageOf(cause)}.`,
      {
        cause,
      },
    );
  }
}

function sourceOf(file: string, bytes: Uint8Array): Source {
  try {
    return readYaml(file, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Not UTF-8: an empty file with one problem stands for it.
    const empty = readYaml(file, '');
    return { ...empty, problems: [empty.problem([], 'This file is not UTF-8; save it as UTF-8.')] };
  }
}

function missing(dir: string, cause?: unknown): ConfigError {
  return new ConfigError(
    'policy_missing',
    `There is no ${join(dir, PEOPLE)}; run placet init, or create it with the people who review and the agents they own.`,
    { cause },
  );
}

/** SHA-256 over the names and bytes of the files, each preceded by its length: people.yaml first, then by name. */
export function policyVersion(files: readonly PolicyText[]): string {
  const ordered = [...files].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const hash = createHash('sha256');
  for (const { name, bytes } of ordered) {
    hash.update(`${Buffer.byteLength(name)}:${name}:${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex');
}

/** Before every other name. */
function rank({ name }: PolicyText): string {
  return name === PEOPLE ? '' : name;
}

function inOrder(problems: readonly Problem[], sources: readonly Source[]): readonly Problem[] {
  const files = sources.map((source) => source.file);
  return [...problems].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
