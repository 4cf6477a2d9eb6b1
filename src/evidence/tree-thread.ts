import { BATCH_BYTES, oneRoom, type LineBatch } from './line-batches.ts';
import { TreeCheck, type TreeCheckOptions, type TreeFindings } from './tree-check.ts';
import { ownWorker } from './own-worker.ts';

/** A `TreeCheck`, wherever it runs. */
export interface TreeWork {
  /** A buffer for the next batch. */
  readonly room: () => Promise<Buffer>;
  take(batch: LineBatch): void;
  finish(size: number): Promise<TreeFindings>;
  close(): Promise<void>;
}

/** In this thread. */
export function treeHere(options: TreeCheckOptions): TreeWork {
  const check = new TreeCheck(options);
  return {
    room: oneRoom(),
    take: (batch) => check.take(batch),
    finish: async (size) => check.finish(size),
    close: async () => undefined,
  };
}

/** What the thread is sent: a batch, or the journal's size after the last. */
export type TreeRequest = { readonly slot: number; readonly batch: LineBatch } | { readonly size: number };
/** The slot that is free again, or what was found. */
export type TreeReply = { readonly slot: number } | { readonly findings: TreeFindings };

/** Batches on their way, and one that is being read. */
const SLOTS = 6;

/** In a thread of its own, beside whoever looks at the same lines. */
export function treeThread(options: TreeCheckOptions): TreeWork {
  const worker = ownWorker('tree-worker', { workerData: options });
  const slots = Array.from({ length: SLOTS }, () => Buffer.from(new SharedArrayBuffer(BATCH_BYTES)));
  const free = slots.map((_, slot) => slot);
  /** Who waits for a slot, or for the end. */
  let wake: () => void = () => undefined;
  let failed: Error | undefined;
  let findings: TreeFindings | undefined;
  const fail = (error: Error) => {
    failed = error;
    wake();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('The thread that checks the tree has ended.')));
  worker.on('message', (reply: TreeReply) => {
    if ('slot' in reply) free.push(reply.slot);
    else findings = reply.findings;
    wake();
  });
  const until = async <T>(ready: () => T | undefined): Promise<T> => {
    for (;;) {
      const value = ready();
      if (value !== undefined) return value;
      if (failed) throw failed;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  /** Which slots were handed out and not sent: one that is left behind is free again. */
  let lent: number | undefined;
  return {
    async room() {
      if (lent !== undefined) free.push(lent);
      lent = await until(() => free.shift());
      return slots[lent] as Buffer;
    },
    take(batch) {
      const slot = slots.findIndex((each) => each.buffer === batch.bytes.buffer);
      worker.postMessage({ slot, batch } satisfies TreeRequest);
      if (slot === lent) lent = undefined;
    },
    async finish(size) {
      worker.postMessage({ size } satisfies TreeRequest);
      return until(() => findings);
    },
    async close() {
      worker.removeAllListeners();
      await worker.terminate();
    },
  };
}
