import { isJsonObject, type Json } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import type { Downstream } from './server-side.ts';
import type { SessionContext } from './session-methods.ts';

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;

/** How much of what servers log a client wants to hear: told to those that stand, and to later ones when they do. */
export function createLoggingLevel({ view, connections }: Pick<SessionContext, 'view' | 'connections'>): {
  set(level: Json | undefined): Promise<Verbatim>;
} {
  let wanted: string | undefined;

  connections.onOpened((_, downstream) => {
    if (wanted === undefined || !canLog(downstream)) return;
    tell(downstream, wanted).catch(() => {
      // What cannot be told now is told to the next connection.
    });
  });

  function tell(downstream: Downstream, level: string): Promise<Verbatim> {
    const { signal } = new AbortController();
    return downstream.request({ method: 'logging/setLevel', params: { level }, signal });
  }

  return {
    async set(level) {
      await view().ready();
      const able = view()
        .offers()
        .some(({ hello }) => isJsonObject(hello?.capabilities.logging));
      if (!able) throw new RpcError({ code: METHOD_NOT_FOUND, message: 'Method not found' });
      if (typeof level !== 'string' || !LEVELS.includes(level)) {
        throw new RpcError({ code: INVALID_PARAMS, message: `The level is one of ${LEVELS.join(', ')}.` });
      }
      wanted = level;
      const standing = [...connections.all().values()].filter(canLog);
      const [only, another] = standing;
      if (only && !another) return tell(only, level);
      await Promise.allSettled(standing.map((downstream) => tell(downstream, level)));
      return Verbatim.of({});
    },
  };
}

function canLog({ hello }: Downstream): boolean {
  return isJsonObject(hello.capabilities.logging);
}
