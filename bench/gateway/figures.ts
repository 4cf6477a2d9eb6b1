/** The durations of one thing done many times, in milliseconds. */
export interface Figures {
  /** The median. */
  readonly ms: number;
  /** 19 of 20 took at most this. */
  readonly p95: number;
  /** The median over the rounds; set where several were in flight. */
  readonly perSecond?: number;
}

/** What one round saw. */
export interface Sample {
  /** Of each single one, in milliseconds. */
  readonly durations: readonly number[];
  readonly perSecond?: number;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Takes samples of all sides in turn, so that what disturbs the machine disturbs every side; the first round warms up. */
export async function interleave<S extends string>(
  sides: readonly S[],
  rounds: number,
  sample: (side: S) => Promise<Sample>,
): Promise<Record<S, Figures>> {
  const samples = new Map<S, Sample[]>(sides.map((side) => [side, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const turned = sides.map((_, i) => sides[(i + round) % sides.length] as S);
    for (const side of turned) {
      const seen = await sample(side);
      if (round > 0) samples.get(side)?.push(seen);
    }
  }
  return Object.fromEntries([...samples].map(([side, seen]) => [side, figuresOf(seen)])) as Record<
    S,
    Figures
  >;
}

export async function timed(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

function figuresOf(samples: readonly Sample[]): Figures {
  const durations = samples.flatMap((each) => each.durations);
  const rates = samples.flatMap((each) => each.perSecond ?? []);
  return {
    ms: median(durations),
    p95: quantile(durations, 0.95),
    ...(rates.length === 0 ? {} : { perSecond: median(rates) }),
  };
}

function quantile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}
