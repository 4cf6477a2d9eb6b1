import type { Socket } from 'node:net';

/**
 * Connects standard input and output with the host, parsing nothing.
 *
 * @returns when the host or the client ended the connection; the exit code for this process
 */
export function pipe(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    let clientEnded = false;
    const finish = (code: number): void => {
      process.stdin.unpipe(socket);
      process.stdin.destroy();
      socket.destroy();
      resolve(code);
    };
    process.stdin.once('end', () => {
      clientEnded = true;
    });
    process.stdout.once('error', () => finish(0));
    socket.once('error', () => finish(1));
    socket.once('close', () => {
      if (!clientEnded) process.stderr.write('placet: The host ended the connection.\n');
      finish(clientEnded ? 0 : 1);
    });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => finish(0));
    process.stdin.pipe(socket);
    socket.pipe(process.stdout);
  });
}
