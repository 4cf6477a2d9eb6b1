import type { ControlMapping } from '../../core/controls.ts';
import type { Exception, ExceptionKind } from '../../core/evidence.ts';
import type { ReportInput } from '../bundle/report-input.ts';
import type { PeopleVersion } from '../bundle/versions.ts';
import type { Counted, FrameworkFacts, ReportFacts } from './facts.ts';

/** Of each kind so many exceptions are held in memory; the pages show fewer, and say how many there are. */
const HELD = 100;
const CHANGES: ReadonlySet<ExceptionKind> = new Set([
  'policy_changed',
  'people_changed',
  'definition_changed',
  'definition_accepted',
  'key_changed',
  'agent_key',
  'reviewer_key',
]);

/** Goes through the exceptions and the entries of the period once. */
export async function gatherFacts(input: ReportInput): Promise<ReportFacts> {
  const { sample, mapping } = input;
  const exceptions = new Map<ExceptionKind, Several<Exception>>();
  const changes = new Several<Exception>();
  for await (const each of input.exceptions()) {
    const group = exceptions.get(each.kind) ?? new Several<Exception>();
    exceptions.set(each.kind, group);
    group.add(each);
    if (CHANGES.has(each.kind)) changes.add(each);
  }
  const calls = sample.calls.map((call) => ({ ...call, controls: mapping.controlsOf(call.entries) }));
  return {
    ...input,
    exceptions,
    changes,
    sample: { seed: sample.seed, by_default: sample.by_default, calls },
    frameworks: await frameworksOf(mapping, input),
    names: namesOf(input.people),
  };
}

/** Whoever was there at any time, by the name that they had last. */
function namesOf(people: readonly PeopleVersion[]): ReadonlyMap<string, string> {
  return new Map(
    people.flatMap(({ directory }) => directory?.people.map(({ id, name }) => [id, name] as const) ?? []),
  );
}

async function frameworksOf(mapping: ControlMapping, input: ReportInput): Promise<readonly FrameworkFacts[]> {
  const counts = new Map<string, number>();
  if (mapping.frameworks.length > 0) {
    for await (const entry of input.entries()) {
      for (const { framework, id } of mapping.controlsOf([entry])) {
        const key = keyOf(framework, id);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
  }
  return mapping.frameworks.map((framework) => ({
    framework,
    controls: framework.controls.map((control) => ({
      control,
      entries: counts.get(keyOf(framework.id, control.id)) ?? 0,
    })),
  }));
}

function keyOf(framework: string, control: string): string {
  return JSON.stringify([framework, control]);
}

class Several<T> implements Counted<T> {
  count = 0;
  readonly first: T[] = [];

  add(one: T): void {
    this.count += 1;
    if (this.first.length < HELD) this.first.push(one);
  }
}
