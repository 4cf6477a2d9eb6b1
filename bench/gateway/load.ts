import { timed, type Sample } from './figures.ts';
import { call, type Link } from './side.ts';

/** So many calls of a tool with so much text each, so many of them in flight. */
export async function load(
  link: Link,
  options: {
    readonly tool: string;
    readonly text: () => string;
    readonly atOnce: number;
    readonly count: number;
  },
): Promise<Sample> {
  const { tool, text, atOnce, count } = options;
  const durations: number[] = [];
  const elapsed = await timed(() =>
    Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let n = 0; n < count / atOnce; n += 1) {
          const words = text();
          durations.push(await timed(() => call(link, tool, words)));
        }
      }),
    ),
  );
  return { durations, perSecond: (durations.length / elapsed) * 1000 };
}
