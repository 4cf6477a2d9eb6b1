import type { Clock } from '../core/clock.ts';
import { createOAuthClient } from '../mcp/oauth/oauth-client.ts';
import type { ConnectOptions } from '../mcp/connect.ts';
import type { ServerConfig } from '../mcp/servers.ts';
import { grantOf } from './connect-server.ts';

type Fetch = NonNullable<ConnectOptions['fetch']>;

/** How the workspace signs in at downstreams over HTTP: all connections to one share its grant. */
export interface SignIns {
  at(server: ServerConfig): Pick<ConnectOptions, 'fetch'>;
}

export function createSignIns({ data, clock }: { readonly data: string; readonly clock: Clock }): SignIns {
  const made = new Map<string, Fetch>();

  return {
    at({ name, transport }) {
      if (transport.kind !== 'http') return {};
      const bearsKey = Object.keys(transport.headers).some((each) => each.toLowerCase() === 'authorization');
      if (bearsKey && transport.oauth === undefined) return {};
      let fetch = made.get(name);
      if (!fetch) {
        const grants = grantOf(data, name, transport);
        const { url, oauth: config } = transport;
        const client = createOAuthClient({ server: name, url, config, grants, clock });
        fetch = loadedLater(async () => {
          const { createAuthorizedFetch } = await import('../mcp/oauth/authorized-fetch.ts');
          return createAuthorizedFetch({ server: name, url, client, grants, clock, fetch: globalThis.fetch });
        });
        made.set(name, fetch);
      }
      return { fetch };
    },
  };
}

/** The SDK's part of it is loaded with the first request. */
function loadedLater(load: () => Promise<Fetch>): Fetch {
  let loading: Promise<Fetch> | undefined;
  return async (url, init) => (await (loading ??= load()))(url, init);
}
