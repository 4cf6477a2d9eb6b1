import { parentPort, workerData } from 'node:worker_threads';
import { TreeCheck, type TreeCheckOptions } from './tree-check.ts';
import type { TreeReply, TreeRequest } from './tree-thread.ts';

const check = new TreeCheck(workerData as TreeCheckOptions);
const reply = (message: TreeReply): void => parentPort?.postMessage(message);

parentPort?.on('message', (request: TreeRequest) => {
  if ('size' in request) return reply({ findings: check.finish(request.size) });
  const { slot, batch } = request;
  const { buffer, byteOffset, byteLength } = batch.bytes;
  check.take({ ...batch, bytes: Buffer.from(buffer, byteOffset, byteLength) });
  reply({ slot });
});
