import type { Period, Tally } from '../../core/evidence.ts';
import { counted } from '../../core/time-words.ts';
import type { LogExtent } from './report-input.ts';
import type { PolicyVersion } from './versions.ts';

/** What the bundle is complete in, and in what it cannot be. */
export interface Completeness {
  readonly period: Period;
  /** Sequence numbers without a gap, from and to before; each line is a leaf under the signed roots. */
  readonly lines: Run;
  /** Those of the period among them. */
  readonly entries: Run;
  /** Lines that stand in the bundle because a checkpoint lies before or behind the period, and are not counted. */
  readonly before: number;
  readonly after: number;
  readonly calls: number;
  readonly carried: number;
  /** Calls that had no end at the end of the period. */
  readonly open: number;
  /** Sentence on where the log is shown to, where no entry behind the period is. */
  readonly shown_to?: string;
  /** Who signed the log in the course of time. */
  readonly keys: number;
  /** What it does not show, a sentence each. */
  readonly limits: readonly string[];
}

export interface Run {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface CompletenessFacts {
  readonly period: Period;
  readonly log: LogExtent;
  readonly tally: Tally;
  /** Calls without an end. */
  readonly open: number;
  readonly policies: readonly PolicyVersion[];
  /** Of the last entry before the end of the period. RFC 3339, UTC. */
  readonly lastAt: string;
}

export function completenessOf(facts: CompletenessFacts): Completeness {
  const { period, log, tally, open, policies, lastAt } = facts;
  const { start, end, from_seq, to_seq, keys } = log;
  const shownTo =
    end.size === to_seq && to_seq > 0
      ? `The log is shown only up to entry ${to_seq - 1} at ${lastAt}; nothing in the bundle shows that the log ended there.`
      : undefined;
  return {
    period,
    lines: run(start.size, end.size),
    entries: run(from_seq, to_seq),
    before: from_seq - start.size,
    after: end.size - to_seq,
    calls: tally.calls,
    carried: tally.carried,
    open,
    ...(shownTo === undefined ? {} : { shown_to: shownTo }),
    keys: keys.length,
    limits: [...(shownTo === undefined ? [] : [shownTo]), ...limitsOf(policies, log)],
  };
}

/** What the operator signs and nobody can compute from the lines of the log. */
export const ONLY_SIGNED = [
  'of a call that was requested before the first line of the bundle, what happened to it before that line',
  'which policy and which people were in force before the first line',
  'people/access.csv and people/people.json',
  'the report, and the files under oscal and ocsf',
  'what the pages of the sample show: arguments, cards and results are not compared with their commitments',
  'the sentences of exceptions that Placet makes itself, and what an exception tells of a call that is not in the population',
] as const;

function limitsOf(policies: readonly PolicyVersion[], { keys }: LogExtent): readonly string[] {
  const without = policies.filter(({ texts }) => texts === 'absent').length;
  const changed = policies.filter(({ texts }) => texts === 'changed').length;
  const gone = (count: number) => `The texts of ${counted(count, 'version')} of the policy`;
  return [
    'What was never sent through Placet is not in it. An agent that can reach a tool by another way leaves no trace here.',
    'That nothing was left out is shown of the log and not of the world: every entry of the period is in the bundle, and the log only ever grew, as far as the checkpoints show that you or somebody whom you trust have kept.',
    'Whoever has the signing key can sign another log from its beginning. A checkpoint or a key that was noted elsewhere at the time shows it, and this bundle alone does not.',
    `Signed by the operator alone, and not computed anew by the verifier, are: ${ONLY_SIGNED.join('; ')}.`,
    'Who signs the log chooses at which entry the last checkpoint is signed, and can try several until its root, the default seed, draws calls to their liking. Against that, receive the last checkpoint first, and have the sample drawn by a seed that you choose then.',
    ...(keys.length > 1
      ? [
          'The log’s key was changed: the newest key signs the manifest. Whoever noted an older one has to follow the log.key entries of the log from that key to this one; where they stand before the first line, an earlier bundle or the log itself shows them.',
        ]
      : []),
    'Times are those of the host’s clock. Where it was set back, the period is the run of entries from the first that is not before its beginning to before the first that is not before its end. Lines before the first that is shown could have been later by a clock that was set back.',
    'Arguments, results and cards are not in the log: it holds salted commitments to them. They are shown for the calls of the sample, as far as they were not erased.',
    'What a person is shown to have decided is what their passkey, provider, account or link proved. Whose hands held it is not shown.',
    'Where a group of people.yaml is mapped to one of an identity provider, people/access.csv has the members that people.yaml names, and not those whom the provider named.',
    'The outcome of a call is what its server answered. What the server then did is not shown.',
    'Entries after the end of the period are not evaluated, though some may stand among the lines: a call that was open then may have ended since.',
    'Placet knows no way to pass a rule in an emergency (break-glass), and none to halt all calls: there are no such events to report.',
    ...(without > 0
      ? [`${gone(without)} are not in the bundle, as they were not kept, or were removed.`]
      : []),
    ...(changed > 0
      ? [`${gone(changed)} are not in the bundle, as what was kept is not what the log names.`]
      : []),
  ];
}

export function completenessText(completeness: Completeness): string {
  const { period, lines, entries, before, after, calls, carried, open, keys, limits } = completeness;
  return `# Completeness

The period is from ${period.from} to before ${period.to}.

- \`log/entries.jsonl\` holds ${counted(lines.count, 'line')}: ${runText(lines)} of the log, without a gap. Each is a leaf of the Merkle tree, the root of the tree before the first of them was signed in \`checkpoints/start.note\` (where the log does not begin here), and the root behind the last in \`checkpoints/end.note\`.
- ${counted(entries.count, 'entry').replace('entrys', 'entries')} of them, ${runText(entries)}, are of the period. ${before} before and ${after} after stand there because a checkpoint is not always signed at the very moment.
- \`population/calls.jsonl\` holds ${counted(calls, 'call')}: every call of which an entry stands in the period. ${carried} were requested before it. ${open} had no end when it ended.
- The log has had ${counted(keys, 'key')}; \`log-keys.txt\` names ${keys === 1 ? 'it' : 'them'}.

## Limits

${limits.map((limit) => `- ${limit}`).join('\n')}
`;
}

function run(from: number, to: number): Run {
  return { from, to, count: to - from };
}

function runText({ from, to, count }: Run): string {
  return count === 0 ? 'none' : `those with the numbers ${from} to ${to - 1}`;
}
