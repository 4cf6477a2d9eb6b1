import type { CustodyView } from '../core/ledger.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { Signer } from '../tlog/note.ts';
import type { Disk } from './disk.ts';
import type { Journal } from './journal.ts';
import {
  dropNextKey,
  logKeyLost,
  makeNextKey,
  newOrigin,
  readLogKeys,
  setKeysAside,
  takeNextKey,
} from './log-key.ts';

export interface LogSignerOptions {
  readonly keysDir: string;
  /** The host name that a new log is called by. */
  readonly host: string;
  readonly journal: Pick<Journal, 'append'>;
  /** As the durable entries have it. */
  readonly custody: () => Pick<CustodyView, 'logKey'>;
  readonly random: Random;
  readonly log: Log;
  readonly disk: Disk;
}

/** Signs under the key that the journal names, and under the one before it until a checkpoint by both is kept. */
export class LogSigner {
  readonly #options: LogSignerOptions;
  /** In `log.key`. */
  #current: Signer;
  /** In `log.key.next`: the key in force if the journal names it. */
  #next: Signer | undefined;

  private constructor(options: LogSignerOptions, current: Signer, next?: Signer) {
    this.#options = options;
    this.#current = current;
    this.#next = next;
  }

  /**
   * The key of the log, made and journalled at its first start; what a crash left of a rotation is settled by what
   * stands in the journal.
   *
   * @throws JournalError `log_key_lost` when the journal names a key that is not there; `key_unusable`; as `append`
   */
  static async open(options: LogSignerOptions): Promise<LogSigner> {
    const { keysDir: dir, disk, custody } = options;
    const { current, next } = await readLogKeys(dir);
    const named = custody().logKey;
    if (named === null) return new LogSigner(options, await firstKey(options));
    if (current?.verifier.vkey === named) {
      if (next) await dropNextKey({ dir, disk });
      return new LogSigner(options, current);
    }
    if (next?.verifier.vkey === named) {
      const signer = new LogSigner(options, current ?? next, next);
      if (!current) await signer.settle(next);
      return signer;
    }
    throw logKeyLost(dir, current ? 'is not the one that the journal names' : 'is gone');
  }

  get origin(): string {
    return this.#current.verifier.name;
  }

  /** The key that the durable entries name. @throws JournalError `log_key_lost` */
  inForce(): Signer {
    const named = this.#options.custody().logKey;
    const signer = [this.#current, this.#next].find((key) => key?.verifier.vkey === named);
    if (signer) return signer;
    throw logKeyLost(this.#options.keysDir, 'is not the one that the journal names');
  }

  /** @returns the lines of signatures */
  sign(by: Signer, text: string, time: number): readonly string[] {
    const signers = by === this.#next ? [by, this.#current] : [by];
    return signers.map((signer) => signer.sign(text, time));
  }

  /** A checkpoint signed by this key is kept: a key that came before it is destroyed. @throws JournalError */
  async settle(by: Signer): Promise<void> {
    if (by !== this.#next) return;
    const { keysDir: dir, disk } = this.#options;
    await takeNextKey({ dir, disk }, by);
    this.#current = by;
    this.#next = undefined;
  }

  /** Whether a checkpoint by the key in force and the one before it is still owed. */
  owes(): boolean {
    return this.inForce() === this.#next;
  }

  /** Journals a new key, which then is in force. MUST NOT be called while a checkpoint is owed. */
  async succeed(reason: string): Promise<void> {
    const { keysDir: dir, random, disk, journal } = this.#options;
    const previous = this.inForce();
    this.#next = await makeNextKey({ dir, disk, random, origin: this.origin });
    const { vkey: key } = this.#next.verifier;
    await journal.append([
      { type: 'log.key', key, previous: previous.verifier.vkey, reason, by: 'operator' },
    ]);
  }
}

/** A key that stands while the journal names none belongs to another log: this one gets a name and key of its own. */
async function firstKey(options: LogSignerOptions): Promise<Signer> {
  const { keysDir: dir, host, journal, random, log, disk } = options;
  const found = await readLogKeys(dir);
  if (found.current) {
    const names = await setKeysAside({ dir, disk }, found);
    log(`The key of another log is set aside as ${names.join(' and ')}: this journal gets one of its own.`);
  }
  const key = await makeNextKey({ dir, disk, random, origin: newOrigin(host, random) });
  await journal.append([{ type: 'log.key', key: key.verifier.vkey, by: 'placet' }]);
  await takeNextKey({ dir, disk }, key);
  return key;
}
