import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EvidenceError, messageOf } from '../../core/errors.ts';
import { realDisk } from '../../journal/disk.ts';

/** A folder that is made beside where it belongs, and gets its name when it is whole. */
export interface Unfinished {
  readonly dir: string;
  /** Where an earlier run was interrupted, what it left was replaced. */
  readonly replaced: boolean;
  /** Gives it its name, durably. */
  finish(): Promise<void>;
}

/** In a folder that is not whole. */
const MARK = 'UNFINISHED';

/** @throws EvidenceError `out_exists`, `out_busy`, `out_unusable` */
export async function unfinished(out: string): Promise<Unfinished> {
  const whole = resolve(out);
  const dir = `${whole}.partial`;
  if (existsSync(whole))
    throw new EvidenceError(
      'out_exists',
      `${out} exists already: name another folder with --out, or remove it.`,
    );
  const replaced = existsSync(dir);
  if (replaced) await mustBeLeftBehind(dir);
  try {
    if (replaced) await removeLeftBehind(dir);
    await mkdir(dirname(whole), { recursive: true });
    await mkdir(dir, { mode: 0o700 });
    await writeFile(
      join(dir, MARK),
      `This bundle is not whole: Placet (process ${process.pid}) is making it, or was interrupted. Do not use it.\n`,
    );
  } catch (error) {
    throw new EvidenceError('out_unusable', `${dir} cannot be written: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  return {
    dir,
    replaced,
    async finish() {
      await rm(join(dir, MARK));
      await realDisk.syncFolder(dir);
      await rename(dir, whole);
      await realDisk.syncFolder(dirname(whole));
    },
  };
}

/** It is moved aside first: of two runs that find it only one can, and neither removes what the other makes. */
async function removeLeftBehind(dir: string): Promise<void> {
  const aside = `${dir}.left-${process.pid}`;
  await rename(dir, aside);
  await rm(aside, { recursive: true });
}

/** Nothing is removed that Placet did not make, or is making. */
async function mustBeLeftBehind(dir: string): Promise<void> {
  const mark = await readFile(join(dir, MARK), 'utf8').catch(() => '');
  const pid = /process (\d+)/.exec(mark)?.[1];
  if (pid === undefined) {
    // It was interrupted before it was marked, or when it only lacked its name.
    if ((await readdir(dir)).length === 0 || existsSync(join(dir, 'manifest.note'))) return;
    throw new EvidenceError(
      'out_exists',
      `${dir} exists and is no unfinished bundle: name another folder with --out.`,
    );
  }
  if (isAlive(Number(pid)))
    throw new EvidenceError(
      'out_busy',
      `The process ${pid} is making a bundle in ${dir}: wait for it, or name another folder with --out.`,
    );
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
