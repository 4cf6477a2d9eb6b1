import type { Exception } from '../../core/evidence.ts';
import type { ControlFacts, FrameworkFacts, ReportFacts, SampleFacts } from '../report/facts.ts';
import { EXCEPTION_WORDS, OUTCOMES } from '../report/words.ts';
import { prop, type Observation, type Prop } from './model.ts';
import { controlId, plainMarkup } from './texts.ts';

/** Gives things their UUIDs, the same for the same bundle. */
export type Identify = (...parts: readonly (string | number)[]) => string;

const METHODS = ['EXAMINE'] as const;

/** What the journal is evidence for, what was out of the ordinary, and what was drawn. */
export function observationsOf(facts: ReportFacts, identify: Identify): readonly Observation[] {
  const { frameworks, exceptions, sample, period } = facts;
  return [
    ...frameworks.flatMap((each) =>
      each.controls.map((control) => ofControl(each, control, period.to, identify)),
    ),
    ...[...exceptions].flatMap(([kind, { count, first }]) => [
      ofKind(kind, count, first.length, period.to, identify),
      ...first.map((each) => ofException(each, identify)),
    ]),
    ...sample.calls.map((each) => ofCall(each, period.to, identify)),
  ];
}

/** By which a reader finds the control. */
function controlProps(framework: string, id: string): readonly Prop[] {
  return [prop('framework', framework), prop('control', id), prop('control-id', controlId(framework, id))];
}

function ofControl(
  { framework }: FrameworkFacts,
  { control, entries }: ControlFacts,
  collected: string,
  identify: Identify,
): Observation {
  return {
    uuid: identify('control', framework.id, control.id),
    title: `Evidence supporting ${plainMarkup(control.id)}: ${plainMarkup(control.title)}`,
    description: plainMarkup(control.supports),
    props: [...controlProps(framework.id, control.id), prop('entries', entries)],
    methods: METHODS,
    'relevant-evidence': [
      { href: '../log/entries.jsonl', description: `${entries} entries of the journal within the period.` },
    ],
    collected,
    remarks: `What it does not show: ${plainMarkup(control.limits)}`,
  };
}

function ofKind(
  kind: Exception['kind'],
  count: number,
  listed: number,
  collected: string,
  identify: Identify,
): Observation {
  const { title, meaning } = EXCEPTION_WORDS[kind];
  return {
    uuid: identify('exceptions', kind),
    title: `Observed: ${title}`,
    description: `${meaning} Within the period: ${count}.`,
    props: [prop('exception-kind', kind), prop('count', count), prop('listed', listed)],
    methods: METHODS,
    'relevant-evidence': [{ href: '../exceptions.csv', description: 'All of them, one a row.' }],
    collected,
  };
}

function ofException(exception: Exception, identify: Identify): Observation {
  const { kind, seq, at, detail, call_id, agent, server, tool, person } = exception;
  const named = { call_id, agent, server, tool, person };
  return {
    uuid: identify('exception', kind, seq),
    title: `Observed: ${EXCEPTION_WORDS[kind].title}, entry ${seq}`,
    description: plainMarkup(detail),
    props: [
      prop('exception-kind', kind),
      prop('entry', seq),
      ...Object.entries(named).flatMap(([name, value]) =>
        value === undefined ? [] : [prop(name.replace('_', '-'), value)],
      ),
    ],
    methods: METHODS,
    'relevant-evidence': [{ href: '../log/entries.jsonl', description: `The entry with the number ${seq}.` }],
    collected: at,
  };
}

function ofCall(
  { number, folder, row, controls, proofs }: SampleFacts,
  end: string,
  identify: Identify,
): Observation {
  const path = `../${encodeURI(folder)}`;
  return {
    uuid: identify('sample', row.call_id),
    title: `Sample, call ${number}: ${plainMarkup(row.tool)} on ${plainMarkup(row.server)}`,
    description: `Asked for by ${plainMarkup(row.agent)}, judged by the rule ${plainMarkup(row.rule)}. ${OUTCOMES[row.outcome]}.`,
    props: [
      prop('call-id', row.call_id),
      prop('outcome', row.outcome),
      prop('verdict', row.verdict),
      ...controls.map(({ framework, id }) => prop('supports', `${framework} ${id}`)),
    ],
    methods: METHODS,
    'relevant-evidence': [
      { href: `${path}/index.html`, description: 'From the intent to the outcome, for people.' },
      ...proofs.map(({ seq, file }) => ({
        href: `${path}/${encodeURIComponent(file)}`,
        description: `Proof that the entry ${seq} stands in the journal.`,
      })),
    ],
    collected: row.ended_at ?? row.resolved_at ?? end,
  };
}
