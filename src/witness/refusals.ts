import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { timestamp, type Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { replaceFile, type Disk } from '../journal/disk.ts';
import { originHash, type Cosigned } from './records.ts';

/**
 * How a rightly signed checkpoint disagrees with what was cosigned.
 *
 * - `forked`: as many entries under another root. The two signed notes prove that the log lied.
 * - `unproven`: more entries, and no proof that they follow the known ones. A fork, or a broken client.
 * - `smaller`: fewer entries. The log was rolled back, or somebody sends an old checkpoint again.
 */
export type Disagreement = 'forked' | 'unproven' | 'smaller';

/** Each kind of a log's disagreements; old checkpoints are public, so that anybody can send them again. */
const KEPT = 20;

/** Remembers disagreements: a line on the terminal, and in `HASH/refused` both notes, a JSON object a line. */
export interface Refusals {
  remember(kind: Disagreement, known: Cosigned, refused: Cosigned): Promise<void>;
}

export function openRefusals(disk: Disk, dir: string, clock: Clock, log: Log): Refusals {
  return {
    async remember(kind, known, refused) {
      const folder = join(dir, originHash(known.origin));
      try {
        const lines = await linesOf(join(folder, 'refused'));
        const same = lines.filter((line) => line.startsWith(`{"kind":"${kind}"`));
        const root = refused.root.toString('base64');
        if (same.length >= KEPT || same.some((line) => line.includes(`"root":"${root}"`))) return;
        log(sentence(kind, known, refused));
        const line = JSON.stringify({
          kind,
          at: timestamp(clock),
          size: refused.size,
          root,
          note: refused.note,
          cosigned: known.note,
        });
        await replaceFile(disk, folder, 'refused', Buffer.from(`${[...lines, line].join('\n')}\n`));
      } catch (error) {
        log(`What was refused could not be kept: ${messageOf(error)}`);
      }
    },
  };
}

function sentence(kind: Disagreement, known: Cosigned, refused: Cosigned): string {
  const was = `${known.size} entries under the root ${known.root.toString('base64')}`;
  const is = `${refused.size} under ${refused.root.toString('base64')}`;
  switch (kind) {
    case 'forked':
      return `REFUSED: the log ${known.origin} contradicts itself: it signed ${was}, and now ${is}.`;
    case 'unproven':
      return `REFUSED: nothing proves that the log ${known.origin} still holds ${was}: it signed ${is}.`;
    case 'smaller':
      return `REFUSED: the log ${known.origin} had ${was}, and now comes with ${is}: it was rolled back, or an old checkpoint was sent again.`;
  }
}

async function linesOf(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
