import type { JsonObject } from '../../src/core/json.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { RpcError } from '../../src/guard/ports.ts';
import type { Listed, OfferView, ServerOffer } from '../../src/mcp/offers.ts';
import type { Downstream, PassedRequest } from '../../src/mcp/server-side.ts';

/** A FAKE downstream, whose connection stands: it notes what it is asked and answers from a table. */
export interface FakeDownstream {
  readonly downstream: Downstream;
  readonly asked: { readonly method: string; readonly params: JsonObject }[];
  readonly told: { readonly method: string; readonly params: JsonObject }[];
  readonly requests: PassedRequest[];
}

export function fakeDownstream(
  capabilities: JsonObject,
  answers: Readonly<Record<string, (params: JsonObject) => JsonObject | Promise<JsonObject>>> = {},
): FakeDownstream {
  const asked: { method: string; params: JsonObject }[] = [];
  const told: { method: string; params: JsonObject }[] = [];
  const requests: PassedRequest[] = [];
  const none = (): never => {
    throw new Error('It is not asked this.');
  };
  return {
    asked,
    told,
    requests,
    downstream: {
      hello: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'fake', version: '1' } },
      tools: none,
      listed: none,
      definition: none,
      given: none,
      send: none,
      summarise: none,
      async request(request) {
        const { method, params = {} } = request;
        asked.push({ method, params });
        requests.push(request);
        const answer = answers[method];
        if (!answer) throw new RpcError({ code: -32601, message: 'Method not found' });
        return Verbatim.of(await answer(params));
      },
      notify: (method, params = {}) => void told.push({ method, params }),
      pause: () => undefined,
      resume: () => undefined,
      isAlive: () => true,
      close: () => Promise.resolve(),
    },
  };
}

/** A view of servers that offer nothing but what is said here, and no tools. */
export function viewOf(
  servers: Readonly<
    Record<
      string,
      Partial<Listed> & {
        readonly capabilities: JsonObject;
        readonly prefix?: string | false;
        readonly instructions?: string;
      }
    >
  >,
): OfferView {
  const offers = Object.entries(servers).map(
    ([server, { capabilities, prefix = server, instructions, ...listed }]): ServerOffer => ({
      server,
      prefix,
      hello: {
        protocolVersion: '2025-11-25',
        capabilities,
        serverInfo: { name: `${server} itself`, version: '9' },
        ...(instructions === undefined ? {} : { instructions }),
      },
      prompts: [],
      resources: [],
      templates: [],
      ...listed,
    }),
  );
  return {
    tools: () => [],
    find: () => undefined,
    offers: () => offers,
    ready: () => Promise.resolve(),
    onChange: () => () => undefined,
  };
}
