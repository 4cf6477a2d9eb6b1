import { join } from 'node:path';
import { channelsOf, verificationsOf, type Settings } from '../config.ts';
import { digestOf } from '../core/digest.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import type { Clock } from '../core/clock.ts';
import type { Draft } from '../core/entry.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import { withSignOns, type SignOn } from '../core/person.ts';
import { diskReason } from '../journal/disk.ts';
import type { Journal } from '../journal/journal.ts';
import { keepPolicy } from '../journal/policy-files.ts';
import { checkPolicy } from '../policies/check.ts';
import { loadPolicy, type LoadedPolicy, type LoadResult, type PolicyText } from '../policies/load.ts';
import type { Problem } from '../policies/positions.ts';
import { watchPolicy } from '../policies/watch.ts';

type Loaded = Extract<LoadResult, { readonly kind: 'ok' }>;

/** The last valid policy, which stays in force while the files are wrong. */
export interface PolicyInForce {
  readonly current: () => LoadedPolicy;
  /** The same with its groups filled by what identity providers said of people (`GuardContext.policy`). */
  readonly withSignOns: (asOf?: { readonly since?: number; readonly signOn?: SignOn }) => LoadedPolicy;
  /**
   * What people have to mend: mistakes that keep newer files from loading, rules nobody can satisfy, and channels that
   * are not set up.
   */
  problems(): readonly string[];
  close(): void;
}

/** The folder of the policies of a workspace. */
export function policiesOf({ workspace }: Pick<Settings, 'workspace'>): string {
  return join(workspace, 'policies');
}

/**
 * Loads the policy, keeps its texts, journals which one is in force, and follows the files.
 *
 * @throws ConfigError `policy_invalid` with every mistake on a line of its own
 */
export async function openPolicy(options: {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly log: Log;
}): Promise<PolicyInForce> {
  const { settings, clock, journal, ledger, log } = options;
  const dir = policiesOf(settings);
  // The texts of each policy that comes into force.
  const kept = join(settings.data, 'policies');
  const verifications = verificationsOf(settings);
  const channels = channelsOf(settings);
  const load = (): Promise<LoadResult> => loadPolicy({ dir, verifications, channels });
  const first = await load();
  if (first.kind === 'invalid') {
    throw new ConfigError(
      'policy_invalid',
      `The policy does not load.\n${sentences(first.problems).join('\n')}`,
    );
  }
  let policy = first.policy;
  let mistakes: readonly string[] = [];
  await journalPolicy(first);

  /** In this order, so that the journal names no policy whose texts are not on the disk. */
  async function journalPolicy(loaded: Loaded): Promise<void> {
    const now = loaded.policy;
    await keepTexts(now.version, loaded.texts);
    const drafts: Draft[] = [];
    if (ledger.policyVersion !== now.version) {
      drafts.push({
        type: 'policy.loaded',
        policy: { rule: '*', version: now.version },
        rules: now.rules.length,
      });
    }
    const people = digestOf(now.people);
    if (ledger.peopleVersion !== people) {
      drafts.push({
        type: 'people.changed',
        version: people,
        people: now.people.people.length,
        agents: now.people.agents.length,
      });
    }
    if (drafts.length > 0) await journal.append(drafts);
  }

  async function keepTexts(version: string, files: readonly PolicyText[]): Promise<void> {
    try {
      await keepPolicy({ dir: kept, version, files });
    } catch (error) {
      log(
        `The texts of the policy cannot be kept in ${kept}, so no evidence can show them: ${diskReason(error)}.`,
      );
    }
  }

  const watch = watchPolicy({
    dir,
    clock,
    load,
    version: policy.version,
    onChange(result) {
      policy = result.policy;
      mistakes = [];
      log(`The policy was loaded anew: ${policy.rules.length} rules.`);
      journalPolicy(result).catch((error: unknown) =>
        log(`That the policy changed could not be journalled: ${messageOf(error)}`),
      );
    },
    onInvalid(problems) {
      mistakes = sentences(problems);
      log(`The changed policy does not load; the last valid one stays in force. ${mistakes.join(' ')}`);
    },
  });

  return {
    current: () => policy,
    withSignOns(asOf = {}) {
      const signOns = [...ledger.identities.signOns(), ...(asOf.signOn ? [asOf.signOn] : [])];
      return { ...policy, people: withSignOns(policy.people, signOns, asOf.since) };
    },
    problems: () => [
      ...mistakes.map(
        (mistake) => `The changed policy does not load, the last valid one is in force: ${mistake}`,
      ),
      ...sentences([...checkPolicy(policy), ...policy.missing]),
    ],
    close: () => watch.close(),
  };
}

function sentences(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}
