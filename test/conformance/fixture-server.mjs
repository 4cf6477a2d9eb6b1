// The fixture server over stdio, or with `--http` over streamable HTTP at a free port of 127.0.0.1, which is printed.
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import { createServer } from './fixture/server.mjs';

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

if (process.argv.includes('--http')) listen();
else await createServer().connect(new StdioServerTransport());

function listen() {
  const sessions = new Map();
  const http = createHttpServer(async (req, res) => {
    const origin = req.headers.origin;
    if (!LOCAL.test(req.headers.host) || (origin !== undefined && !LOCAL.test(new URL(origin).host))) {
      res.writeHead(403).end();
      return;
    }
    const id = req.headers['mcp-session-id'];
    const transport = id === undefined ? await open(sessions) : sessions.get(id);
    if (!transport) {
      res.writeHead(404).end();
      return;
    }
    if (id !== undefined) agree(req);
    await transport.handleRequest(req, res);
  });
  http.listen(0, '127.0.0.1', () => console.log(http.address().port));
}

/** The suite agrees to the newest version and names an older one in some requests; what was agreed to counts. */
function agree(req) {
  for (const [at, name] of req.rawHeaders.entries()) {
    if (at % 2 === 0 && name.toLowerCase() === 'mcp-protocol-version') {
      req.rawHeaders[at + 1] = LATEST_PROTOCOL_VERSION;
    }
  }
}

async function open(sessions) {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
    eventStore: rememberEvents(),
    retryInterval: 100,
  });
  await createServer().connect(transport);
  return transport;
}

/** What a client whose stream broke has not seen yet. */
function rememberEvents() {
  const events = [];
  return {
    async storeEvent(stream, message) {
      return String(events.push({ stream, message }) - 1);
    },
    async getStreamIdForEventId(id) {
      return events[Number(id)]?.stream;
    },
    async replayEventsAfter(last, { send }) {
      const stream = events[Number(last)]?.stream;
      for (const [id, event] of events.entries()) {
        if (id <= Number(last) || event.stream !== stream) continue;
        // A priming event holds nothing.
        if (event.message?.jsonrpc) await send(String(id), event.message);
      }
      return stream;
    },
  };
}
