import { messageOf } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { Verbatim } from '../core/verbatim.ts';
import { RpcError } from '../guard/ports.ts';
import type { Downstream } from './server-side.ts';
import type { SessionContext } from './session-methods.ts';

export interface LoggingLevel {
  /** @throws RpcError */
  set(level: Json | undefined): Promise<Verbatim>;
  /** Whether the client wants to hear of a message of this level. */
  passes(level: Json | undefined): boolean;
}

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
/** How long servers may take when there are several, none of which is to hold the others up. */
const PATIENCE_MS = 5000;
const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;

/** How much of what servers log a client wants to hear: told to those that stand, and to later ones when they do. */
export function createLoggingLevel({
  view,
  connections,
  log,
}: Pick<SessionContext, 'view' | 'connections' | 'log'>): LoggingLevel {
  let wanted: string | undefined;

  connections.onOpened((server, downstream) => {
    if (wanted !== undefined && canLog(downstream)) void tellOneOfSeveral(server, downstream, wanted);
  });

  function tell(downstream: Downstream, level: string, timeout_ms?: number): Promise<Verbatim> {
    return downstream.request({
      method: 'logging/setLevel',
      params: { level },
      signal: new AbortController().signal,
      ...(timeout_ms === undefined ? {} : { timeout_ms }),
    });
  }

  async function tellOneOfSeveral(server: string, downstream: Downstream, level: string): Promise<void> {
    try {
      await tell(downstream, level, PATIENCE_MS);
    } catch (error) {
      log(`The server ${server} could not be told how much to log: ${messageOf(error)}`);
    }
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
      const standing = [...connections.all()].filter(([, downstream]) => canLog(downstream));
      const [only, another] = standing;
      if (only && !another) return tell(only[1], level);
      await Promise.all(standing.map(([server, downstream]) => tellOneOfSeveral(server, downstream, level)));
      return Verbatim.of({});
    },

    passes(level) {
      if (wanted === undefined || typeof level !== 'string' || !LEVELS.includes(level)) return true;
      return LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);
    },
  };
}

function canLog({ hello }: Downstream): boolean {
  return isJsonObject(hello.capabilities.logging);
}
