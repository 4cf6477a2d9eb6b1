import { createConnection, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { PlacetError } from '../core/errors.ts';

const reasonSchema = z.string().trim().min(1).max(1000);
/** By which the agent proves who it is. */
const agentKeySchema = z.string().max(1024);

/**
 * The first line that whoever attaches sends, and the line that answers it. After `stdio` and `wrap` the socket
 * carries MCP, of which the pipe parses nothing; every other ends with the answer. What those about people and
 * agents answer stands in `people-ops.ts`, and what those of the log do in `custody-ops.ts`.
 */
export const helloSchema = z.discriminatedUnion('op', [
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('stdio'),
    agent: z.string().max(256).optional(),
    key: agentKeySchema.optional(),
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('wrap'),
    agent: z.string().max(256).optional(),
    key: agentKeySchema.optional(),
    name: z.string().max(64),
    command: z.string(),
    args: z.array(z.string()),
    cwd: z.string(),
    env: z.record(z.string(), z.string()),
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('status') }),
  z.strictObject({ placet: z.literal(1), op: z.literal('stop') }),
  z.strictObject({ placet: z.literal(1), op: z.literal('invite'), person: z.string().max(64) }),
  z.strictObject({ placet: z.literal(1), op: z.literal('passkeys') }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('revoke'),
    person: z.string().max(64),
    /** Without it, all keys that the person has. */
    credential_id: z.string().max(2048).optional(),
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('issue_agent_key'),
    agent: z.string().max(256),
    /** Without it, until it is revoked. At most ten years. */
    lasts_ms: z
      .int()
      .positive()
      .max(10 * 366 * 24 * 60 * 60 * 1000)
      .optional(),
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('agent_keys') }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('revoke_agent_key'),
    agent: z.string().max(256),
    key_id: z.string().max(64),
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('erase'),
    id: z.string().max(64),
    reason: reasonSchema,
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('hold'),
    /** Of a call or a request; without it, everything is held. */
    id: z.string().max(64).optional(),
    reason: reasonSchema,
  }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('release'),
    hold_id: z.string().max(64),
    reason: reasonSchema,
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('holds') }),
  z.strictObject({
    placet: z.literal(1),
    op: z.literal('retain'),
    /** Payloads of calls that are older go. */
    older_than_ms: z.int().positive(),
    dry_run: z.boolean(),
    reason: reasonSchema,
  }),
  z.strictObject({ placet: z.literal(1), op: z.literal('rotate_key'), reason: reasonSchema }),
  z.strictObject({ placet: z.literal(1), op: z.literal('checkpoint') }),
]);
export type Hello = z.infer<typeof helloSchema>;

export const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown().optional() }),
  z.object({ ok: z.literal(false), code: z.string(), error: z.string() }),
]);
export type Reply = z.infer<typeof replySchema>;

/** The longest first line: a wrapped command brings its environment. */
const LONGEST_LINE = 1024 * 1024;

/**
 * Reads one line off a socket and puts back what came after it.
 *
 * @throws PlacetError `bad_hello` when the other side ends or sends more than a megabyte without a line feed
 */
export function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (error?: Error): void => {
      socket.off('readable', read).off('end', ended).off('error', finish).off('close', ended);
      if (error) reject(error);
    };
    const ended = (): void =>
      finish(new PlacetError('bad_hello', 'The other side ended before its first line.'));
    const read = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk; chunk = socket.read() as Buffer | null) {
        const feed = chunk.indexOf(10);
        if (feed >= 0) {
          finish();
          const rest = chunk.subarray(feed + 1);
          if (rest.length > 0) socket.unshift(rest);
          resolve(new StringDecoder('utf8').end(Buffer.concat([...chunks, chunk.subarray(0, feed)])));
          return;
        }
        chunks.push(chunk);
        size += chunk.length;
        if (size > LONGEST_LINE) {
          finish(new PlacetError('bad_hello', 'The first line is longer than a megabyte.'));
          return;
        }
      }
    };
    socket.on('readable', read).on('end', ended).on('close', ended).on('error', finish);
    read();
  });
}

/** Connects and says hello. @returns the socket, ready for MCP, and what the host answered */
export async function attach(path: string, hello: Hello): Promise<{ socket: Socket; data: unknown }> {
  const socket = await connect(path);
  socket.write(`${JSON.stringify(hello)}\n`);
  const reply = replySchema.parse(JSON.parse(await readLine(socket)));
  if (!reply.ok) {
    socket.destroy();
    throw new PlacetError(reply.code, reply.error);
  }
  return { socket, data: reply.data };
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
