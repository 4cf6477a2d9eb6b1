/** `npx tsx test/differential/record.ts`: writes down what each server says when it is asked directly. */
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../support/temp.ts';
import { everything } from './scripts/everything.ts';
import { filesystem } from './scripts/filesystem.ts';
import { memory } from './scripts/memory.ts';
import { sequentialThinking } from './scripts/sequential-thinking.ts';
import { runScript, serverCommand } from './transcript.ts';

for (const script of [everything, filesystem, memory, sequentialThinking]) {
  const folder = join(realpathSync(tempDir()), 'own');
  const { command, args, env } = serverCommand(script, folder);
  const transcript = await runScript(script, folder, { command: [command, ...args], env });
  const path = join(import.meta.dirname, 'recorded', `${script.server}.json`);
  writeFileSync(path, `${JSON.stringify(transcript, null, 1)}\n`);
  console.log(`${script.server}: ${transcript.steps.length} steps`);
}
