import type { ControlMapping, Framework, SupportedControl } from '../../core/controls.ts';
import type { Entry } from '../../core/entry.ts';

/** What makes an entry evidence for a control. */
export interface Clause {
  readonly entries: readonly string[];
  /** Each member must be one of its values. */
  readonly where: Readonly<Record<string, readonly unknown[]>>;
  readonly shows: string;
}

/** A framework with the clauses of its controls, in the same order. */
export interface MappedFramework {
  readonly framework: Framework;
  readonly clauses: readonly (readonly Clause[])[];
}

interface Candidate {
  /** Of the control, over all frameworks. */
  readonly place: number;
  readonly clause: Clause;
  /** Among those of its control: the first that holds is told. */
  readonly rank: number;
}

/** The mapping of these frameworks, looked up by the type of an entry. */
export function mappingOf(mapped: readonly MappedFramework[]): ControlMapping {
  const controls = mapped.flatMap(({ framework }) =>
    framework.controls.map(({ id, title }) => ({ framework: framework.id, id, title })),
  );
  const byType = new Map<string, Candidate[]>();
  for (const [place, clauses] of mapped.flatMap((each) => each.clauses).entries()) {
    for (const [rank, clause] of clauses.entries()) {
      for (const type of clause.entries) {
        const candidates = byType.get(type) ?? [];
        byType.set(type, candidates);
        candidates.push({ place, clause, rank });
      }
    }
  }

  return {
    frameworks: mapped.map(({ framework }) => framework),
    controlsOf(entries) {
      const found = new Map<number, Candidate>();
      for (const entry of entries) {
        for (const candidate of byType.get(entry.type) ?? []) {
          const best = found.get(candidate.place);
          if ((best === undefined || candidate.rank < best.rank) && holds(candidate.clause, entry))
            found.set(candidate.place, candidate);
        }
      }
      return [...found.values()]
        .sort((a, b) => a.place - b.place)
        .flatMap(({ place, clause }): SupportedControl[] => {
          const control = controls[place];
          return control ? [{ ...control, shows: clause.shows }] : [];
        });
    },
  };
}

function holds({ where }: Clause, entry: Entry): boolean {
  const members: Readonly<Record<string, unknown>> = { ...entry };
  return Object.entries(where).every(([member, values]) => values.includes(members[member]));
}
