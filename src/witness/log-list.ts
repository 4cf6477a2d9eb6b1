import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, messageOf } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { realDisk, replaceFile } from '../journal/disk.ts';
import { parseVerifier, type Verifier } from '../tlog/note.ts';

const FILE = 'logs';

/** Whose checkpoints a witness cosigns: the file `logs` in its folder, a verifier key a line, `#` before a remark. */
export interface LogList {
  /**
   * The keys of the log of that origin, which is the name of its keys; several while it changes from one key to the
   * next. A changed file counts at once; while it holds a mistake, what it said before counts.
   */
  keysOf(origin: string): Promise<readonly Verifier[]>;
  /** The origins as they were read last. */
  origins(): readonly string[];
}

/** @throws ConfigError `bad_logs` */
export async function openLogList(dir: string, log: Log): Promise<LogList> {
  let stamp = await stampOf(dir);
  let keys = await readLogs(dir);
  const refresh = async (): Promise<void> => {
    const now = await stampOf(dir);
    if (now === stamp) return;
    stamp = now;
    try {
      keys = await readLogs(dir);
    } catch (error) {
      log(`${messageOf(error)} Until then the logs that it named before are cosigned.`);
    }
  };
  return {
    async keysOf(origin) {
      await refresh();
      return keys.filter(({ name }) => name === origin);
    },
    origins: () => [...new Set(keys.map(({ name }) => name))],
  };
}

/** Writes keys into the file that are not in it yet. @throws ConfigError `bad_logs` */
export async function addLogs(dir: string, vkeys: readonly string[]): Promise<void> {
  const standing = new Set((await readLogs(dir)).map(({ vkey }) => vkey));
  const wanted = vkeys.map((vkey) => logKey(vkey, `--log ${vkey}`).vkey);
  const added = [...new Set(wanted)].filter((vkey) => !standing.has(vkey));
  if (added.length === 0) return;
  const text = await textOf(dir);
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await replaceFile(realDisk, dir, FILE, Buffer.from(`${whole}${added.join('\n')}\n`));
}

async function readLogs(dir: string): Promise<readonly Verifier[]> {
  const lines = (await textOf(dir)).split('\n').map((line) => line.trim());
  return lines.flatMap((line, i) =>
    line === '' || line.startsWith('#') ? [] : [logKey(line, `Line ${i + 1} of ${join(dir, FILE)}`)],
  );
}

async function textOf(dir: string): Promise<string> {
  try {
    return await readFile(join(dir, FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new ConfigError('bad_logs', `${join(dir, FILE)} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Changes with the file. */
async function stampOf(dir: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(join(dir, FILE), { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return '';
  }
}

function logKey(vkey: string, where: string): Verifier {
  let verifier: Verifier;
  try {
    verifier = parseVerifier(vkey);
  } catch (error) {
    throw new ConfigError(
      'bad_logs',
      `${where} is wrong: ${messageOf(error)} \`placet log key\` prints it.`,
      {
        cause: error,
      },
    );
  }
  if (verifier.kind === 'signature') return verifier;
  throw new ConfigError(
    'bad_logs',
    `${where} is the key of a witness, not of a log: \`placet log key\` prints that.`,
  );
}
