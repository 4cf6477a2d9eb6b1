/**
 * From the start of a process to its tools listed: the server itself, `placet stdio` with a host that runs, and with
 * none. Real processes, in turn within each round.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/support/workspace.ts';
import { interleave, type Sample } from './gateway/figures.ts';
import { direct, placetSide, type Side } from './gateway/side.ts';
import { ratioTable } from './gateway/table.ts';

type Name = 'direct' | 'running' | 'cold';
const NAMES: readonly Name[] = ['direct', 'running', 'cold'];
const TITLES: Readonly<Record<Name, string>> = {
  direct: 'direct',
  running: 'Placet, host running (aim 0.9) ÷ direct',
  cold: 'Placet, no host (aim 2.5) ÷ direct',
};

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const running = await placetSide(1_000, version);
const cold = await placetSide(1_000, version);
const sides: Readonly<Record<Name, Side>> = { direct, running, cold };
// The first start of all asks the server for its tools; from then on the catalogue knows them.
const keeper = await running.open();
await (await cold.open()).close();

try {
  const figures = await interleave(NAMES, 12, async (name): Promise<Sample> => {
    if (name === 'cold') await cold.workspace.placet('stop');
    const began = performance.now();
    const link = await sides[name].open();
    const durations = [performance.now() - began];
    await link.close();
    return { durations };
  });
  console.log(`\n${ratioTable([{ what: 'start to tools listed', figures }], NAMES, 'direct', TITLES)}\n`);
} finally {
  await keeper.close();
  await running.workspace.end();
  await cold.workspace.end();
}
