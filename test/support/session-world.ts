import type { JsonObject } from '../../src/core/json.ts';
import type { Intercept } from '../../src/guard/ports.ts';
import { agentLink } from '../../src/mcp/agent-link.ts';
import type { ClientSide } from '../../src/mcp/client-side.ts';
import type { OfferView } from '../../src/mcp/offers.ts';
import { openSession, type AgentSession } from '../../src/mcp/session.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { connectionsTo } from './fake-connections.ts';
import type { FakeDownstream } from './fake-downstream.ts';
import { messagesOf } from './lines.ts';
import { socketPair } from './socket-pair.ts';

/** A session over a real socket, in front of fake downstreams. */
export interface SessionWorld {
  /** What the session's connections see of the client. */
  readonly client: ClientSide;
  readonly session: AgentSession;
  readonly clock: FakeClock;
  /** What was logged. */
  readonly lines: string[];
  readonly ask: (method: string, params?: JsonObject) => Promise<JsonObject>;
  readonly send: (message: JsonObject) => void;
  readonly next: () => Promise<JsonObject>;
}

const never: Intercept = {
  call: () => Promise.reject(new Error('Nobody calls.')),
  status: () => Promise.reject(new Error('Nobody asks.')),
  look: () => Promise.reject(new Error('Nobody looks.')),
  cancel: () => Promise.reject(new Error('Nobody cancels.')),
};

export async function withSession(
  parts: {
    readonly view: OfferView;
    readonly servers?: Readonly<Record<string, FakeDownstream>>;
    readonly intercept?: Partial<Intercept>;
  },
  body: (world: SessionWorld) => Promise<void>,
): Promise<void> {
  const { client: socket, server } = await socketPair();
  const made: ClientSide[] = [];
  const lines: string[] = [];
  const clock = new FakeClock();
  const session = await openSession({
    link: agentLink(server, 1_000_000),
    caller: { agent: 'claude', session: 's1', identity: 'claimed' },
    intercept: { ...never, ...parts.intercept },
    catalogue: { viewFor: () => parts.view },
    connect(side) {
      made.push(side);
      const standing = Object.entries(parts.servers ?? {}).map(
        ([name, { downstream }]) => [name, downstream] as const,
      );
      return connectionsTo(Object.fromEntries(standing));
    },
    mayHold: () => false,
    clock,
    random: seededRandom(),
    log: (line) => void lines.push(line),
    software: '1.2.3',
  });
  const [client] = made;
  if (!client) throw new Error('The session has opened no connections.');
  const next = messagesOf(socket);
  const send = (message: JsonObject): void =>
    void socket.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let id = 0;
  try {
    await body({
      client,
      session,
      clock,
      lines,
      send,
      next,
      ask(method, params = {}) {
        id += 1;
        send({ id, method, params });
        return next();
      },
    });
  } finally {
    socket.destroy();
    await session.close();
  }
}

/** Shakes hands as a client that can do this. */
export async function greet(world: SessionWorld, capabilities: JsonObject = {}): Promise<JsonObject> {
  const { result } = await world.ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities,
    clientInfo: { name: 'c', version: '1' },
  });
  world.send({ method: 'notifications/initialized' });
  return result as JsonObject;
}
