import type { Problem } from './problems.ts';

/** Of problems that one cause makes by the thousand: the first of each kind, and how many follow it. */
export class FirstOfKind {
  readonly #kinds = new Map<string, { readonly problem: Problem; others: number }>();

  add(kind: string, problem: Problem): void {
    const before = this.#kinds.get(kind);
    if (before) before.others += 1;
    else this.#kinds.set(kind, { problem, others: 0 });
  }

  list(): readonly Problem[] {
    return [...this.#kinds.values()].map(({ problem, others }) =>
      others === 0
        ? problem
        : { ...problem, message: `${problem.message} The same is wrong with ${others} more after it.` },
    );
  }
}
