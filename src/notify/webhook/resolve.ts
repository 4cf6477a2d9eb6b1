import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

export interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a host, as the system finds them. @throws Error with a `code` such as `ENOTFOUND` */
export type Resolve = (host: string) => Promise<readonly Resolved[]>;

export const resolveBySystem: Resolve = (host) => lookup(host, { all: true, verbatim: true });

/**
 * Asks about each host only once at a time, as a name server that stays silent would hold up those behind it. No
 * answer is kept. A host that is an address already stands for itself.
 */
export function createResolver(resolve: Resolve): Resolve {
  const asking = new Map<string, Promise<readonly Resolved[]>>();
  return (host) => {
    const literal = host.replace(/^\[(.*)\]$/, '$1');
    const family = isIP(literal);
    if (family !== 0) return Promise.resolve([{ address: literal, family }]);
    const known = asking.get(host);
    if (known) return known;
    const asked = resolve(host).finally(() => asking.delete(host));
    asking.set(host, asked);
    return asked;
  };
}
