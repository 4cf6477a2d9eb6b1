import type { Hello } from '../host/hello.ts';
import { attachOrStart } from '../host/launch.ts';
import type { CliContext, CommonOptions } from './context.ts';

/** What the host answers and closes the connection. */
export type Question = Exclude<Hello, { readonly op: 'stdio' | 'wrap' | 'stop' }>;

/**
 * Asks the workspace's host, over the owner's socket, and starts it when none runs.
 *
 * @throws PlacetError with the host's own sentence, or why it could not be started
 */
export async function askHost(
  context: CliContext,
  options: CommonOptions,
  question: Question,
): Promise<unknown> {
  const workspace = context.workspaceDir(options);
  const { socket, data } = await attachOrStart({ workspace, hello: question, program: context.program });
  socket.destroy();
  return data;
}
