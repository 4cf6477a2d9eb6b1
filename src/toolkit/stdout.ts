import { Console } from 'node:console';
import { syncBuiltinESMExports } from 'node:module';
import { Writable } from 'node:stream';

/**
 * Keeps standard output for the protocol: gives the stream that still writes to it (and emits its errors), and sends everything else
 * that is written there, by the console or by `process.stdout`, to standard error. A tool that writes to file
 * descriptor 1 itself, or gives it to a child process, is not kept from it.
 */
export function claimStdout(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  Object.defineProperty(process, 'stdout', { value: stderr, configurable: true, enumerable: true });
  globalThis.console = new Console(stderr);
  syncBuiltinESMExports();
  const protocol = new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, encoding, done) => {
      write(chunk, encoding, done);
    },
  });
  stdout.on('error', (error) => protocol.destroy(error));
  return protocol;
}
