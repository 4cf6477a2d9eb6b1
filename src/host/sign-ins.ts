import type { Clock } from '../core/clock.ts';
import { createAuthorizedFetch } from '../mcp/oauth/authorized-fetch.ts';
import { createOAuthClient } from '../mcp/oauth/oauth-client.ts';
import type { ConnectOptions } from '../mcp/connect.ts';
import type { ServerConfig } from '../mcp/servers.ts';
import { grantOf } from './connect-server.ts';

/** How the workspace signs in at downstreams over HTTP: all connections to one share its grant. */
export interface SignIns {
  at(server: ServerConfig): Pick<ConnectOptions, 'fetch'>;
}

export function createSignIns({ data, clock }: { readonly data: string; readonly clock: Clock }): SignIns {
  const made = new Map<string, NonNullable<ConnectOptions['fetch']>>();

  return {
    at({ name, transport }) {
      if (transport.kind !== 'http') return {};
      const bearsKey = Object.keys(transport.headers).some((each) => each.toLowerCase() === 'authorization');
      if (bearsKey && transport.oauth === undefined) return {};
      let fetch = made.get(name);
      if (!fetch) {
        const grants = grantOf(data, name, transport);
        fetch = createAuthorizedFetch({
          server: name,
          url: transport.url,
          client: createOAuthClient({ server: name, config: transport.oauth, grants, clock }),
          grants,
          clock,
          fetch: (url, init) => globalThis.fetch(url, init),
        });
        made.set(name, fetch);
      }
      return { fetch };
    },
  };
}
