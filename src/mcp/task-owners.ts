import type { Json } from '../core/json.ts';
import { RpcError } from '../guard/ports.ts';

/** Which server made which task in one session: nobody else is asked about it or speaks of it. */
export interface TaskOwners {
  /** A call that may become a task is under way there. @returns what ends that */
  calling(server: string): () => void;
  /** @throws RpcError where the id is another's, or none */
  belong(taskId: string, server: string): void;
  ownerOf(taskId: string): string | undefined;
  owns(server: string, taskId: Json | undefined): boolean;
  /** Passes on what a server says of a task of its own: of one that it has yet to name, once it has. */
  told(server: string, taskId: Json | undefined, pass: () => void): void;
}

interface Early {
  readonly server: string;
  readonly taskId: string;
  readonly pass: () => void;
}

const MAX_TASKS = 10_000;
const MAX_ID = 1000;
/** Of what is said before its task is known. */
const MAX_EARLY = 100;
const INTERNAL_ERROR = -32603;

/** @param isOurs whether an id is of the kind that Placet gives */
export function createTaskOwners(isOurs: (taskId: string) => boolean): TaskOwners {
  const servers = new Map<string, string>();
  const underWay = new Map<string, number>();
  let early: readonly Early[] = [];

  function owns(server: string, taskId: Json | undefined): boolean {
    return typeof taskId === 'string' && servers.get(taskId) === server;
  }

  return {
    calling(server) {
      underWay.set(server, (underWay.get(server) ?? 0) + 1);
      return () => {
        const left = (underWay.get(server) ?? 1) - 1;
        underWay.set(server, left);
        if (left === 0) early = early.filter((each) => each.server !== server);
      };
    },

    belong(taskId, server) {
      const owner = servers.get(taskId);
      if (isOurs(taskId) || taskId.length > MAX_ID || (owner !== undefined && owner !== server)) {
        throw new RpcError({
          code: INTERNAL_ERROR,
          message: `The server ${server} gave its task an id that is in use, or is no id.`,
        });
      }
      servers.set(taskId, server);
      const [oldest] = servers.keys();
      if (servers.size > MAX_TASKS && oldest !== undefined) servers.delete(oldest);
      for (const each of early) if (each.server === server && each.taskId === taskId) each.pass();
      early = early.filter((each) => each.taskId !== taskId);
    },

    ownerOf: (taskId) => servers.get(taskId),
    owns,

    told(server, taskId, pass) {
      if (owns(server, taskId)) pass();
      else if (typeof taskId === 'string' && !servers.has(taskId) && (underWay.get(server) ?? 0) > 0) {
        early = [...early, { server, taskId, pass }].slice(-MAX_EARLY);
      }
    },
  };
}
