import { attach } from '../host/attach.ts';
import { checkpointSchema } from '../host/custody-ops.ts';
import { isAbsent } from '../host/launch.ts';
import { mustBeOurs, socketPath } from '../host/socket-path.ts';

/** The checkpoint over all that stands, which the running host signs now, as a note; nothing where no host runs. */
export async function askCheckpoint(workspace: string): Promise<string | undefined> {
  const path = socketPath(workspace);
  mustBeOurs(path);
  try {
    const { socket, data } = await attach(path, { placet: 1, op: 'checkpoint' });
    socket.destroy();
    return checkpointSchema.parse(data).note;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
