import type { Downstream, SessionConnections } from '../../src/mcp/server-side.ts';

/** Connections of a session that needs none. */
export const noConnections: SessionConnections = connectionsTo({});

/** Connections that stand already, by server. */
export function connectionsTo(
  servers: Readonly<Record<string, Downstream>>,
): SessionConnections & { readonly holds: ('pause' | 'resume' | 'end')[] } {
  const all = new Map(Object.entries(servers));
  const holds: ('pause' | 'resume' | 'end')[] = [];
  return {
    holds,
    async to(server) {
      const found = all.get(server);
      if (!found) throw new Error(`There is no connection to ${server}.`);
      return found;
    },
    standing: (server) => all.get(server),
    all: () => all,
    onOpened: () => undefined,
    pause: () => void holds.push('pause'),
    resume: () => void holds.push('resume'),
    end: () => void holds.push('end'),
  };
}
