import { readHeadMark, type HeadMark } from '../journal/head-mark.ts';
import type { Problems } from './problems.ts';
import type { LogVerdict } from './verdict.ts';

export interface Head {
  readonly state: LogVerdict['head'];
  readonly mark?: HeadMark;
}

/** The host's own mark of how long the journal is. @param key without it the mark is not read */
export async function readHead(dir: string, key: Buffer | undefined, problems: Problems): Promise<Head> {
  if (!key) return { state: 'unread' };
  let { mark, why } = await readHeadMark(dir, key);
  // A running host may have been writing it.
  if (why !== undefined) ({ mark, why } = await readHeadMark(dir, key));
  if (why !== undefined) problems.at(null, 'head')('head_mark', why);
  return mark ? { state: 'held', mark } : { state: 'none' };
}

/** @param leaf that of the entry which the mark names, in hexadecimal */
export function checkHead({ mark }: Head, size: number, leaf: string | undefined, problems: Problems): void {
  if (!mark) return;
  if (mark.size > size)
    problems.at(size, 'head')(
      'tail_cut',
      `the host acknowledged ${mark.size} entries, and ${size} stand: ${mark.size - size} were cut off the end`,
    );
  else if (leaf !== undefined && leaf !== mark.leaf.toString('hex'))
    problems.at(mark.size - 1, 'head')(
      'head_mark',
      `entry ${mark.size - 1} is not the one that the host acknowledged`,
    );
}
