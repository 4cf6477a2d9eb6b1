import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Behaviour, Received } from './channel-bench.ts';
import { drawn } from './slack-drawing.ts';
import {
  messageSchema,
  updateSchema,
  viewSchema,
  type ShownMessage,
  type ShownView,
} from './slack-schema.ts';
import { serveSockets } from './slack-socket.ts';

export const TEAM = 'T0PLACET1';
export const BOT_TOKEN = 'xoxb-1111-2222-abcdefSecret';
export const APP_TOKEN = 'xapp-1-A0PLACET-3333-defabcSecret';
export const SIGNING_SECRET = '0123456789abcdef0123456789abcdef';

/** An account, as `users.info` describes it. */
export interface SlackUser {
  readonly id: string;
  readonly team_id?: string;
  readonly name?: string;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly is_bot?: boolean;
  readonly deleted?: boolean;
}

interface Posted {
  readonly channel: string;
  readonly ts: string;
  readonly thread_ts?: string;
  message: Pick<ShownMessage, 'text' | 'blocks'>;
  edited: boolean;
}

export interface Called {
  readonly method: string;
  readonly args: Readonly<Record<string, string>>;
}

export interface HookReply {
  readonly status: number;
  readonly text: string;
}

/** Slack's triggers open one dialog, within three seconds. */
const TRIGGER_MS = 3000;

/**
 * A strict fake of Slack: the Web API with its tokens, limits and schemas, Socket Mode, and the signatures of what it
 * sends. Never used outside tests.
 *
 * @param options.now for signatures and triggers, in milliseconds since the epoch
 */
export async function startFakeSlack(options: { readonly now: () => number }) {
  const { now } = options;
  const calls: Called[] = [];
  const posted: Posted[] = [];
  const dialogs: ShownView[] = [];
  const users = new Map<string, SlackUser>([
    ['U0ALICE01', { id: 'U0ALICE01', name: 'alice' }],
    ['U0BOB0001', { id: 'U0BOB0001', name: 'bob' }],
    ['U0CAROL01', { id: 'U0CAROL01', name: 'carol' }],
    ['U0GUEST01', { id: 'U0GUEST01', name: 'guest', is_ultra_restricted: true }],
  ]);
  const rooms = new Map([
    ['#ops', 'C0OPS0001'],
    ['#random', 'C0RANDOM1'],
  ]);
  const triggers = new Map<string, number>();
  const sockets = new Set<string>();
  const state = {
    as: { kind: 'well' } as Behaviour,
    /** What every call is answered by, such as `token_revoked`. */
    error: undefined as string | undefined,
    archived: new Set<string>(),
    strays: 0,
    count: 0,
  };

  const carryOut = (method: string, args: Readonly<Record<string, string>>, token: string): object => {
    if (token !== (method === 'apps.connections.open' ? APP_TOKEN : BOT_TOKEN)) return failed('invalid_auth');
    if (state.error !== undefined) return failed(state.error);
    switch (method) {
      case 'auth.test':
        return { ok: true, team_id: TEAM, user_id: 'U0PLACET1', bot_id: 'B0PLACET1' };
      case 'users.info': {
        const user = users.get(args['user'] ?? '');
        return user ? { ok: true, user: { team_id: TEAM, ...user } } : failed('user_not_found');
      }
      case 'apps.connections.open': {
        state.count += 1;
        const path = `/link/?ticket=${state.count}`;
        sockets.add(path);
        return { ok: true, url: `ws://127.0.0.1:${port}${path}` };
      }
      case 'chat.postMessage':
        return post(args);
      case 'chat.update':
        return update(args);
      case 'views.open':
        return open(args);
      default:
        return failed('unknown_method');
    }
  };

  const post = (args: Readonly<Record<string, string>>): object => {
    const parsed = messageSchema.safeParse(withBlocks(args));
    if (!parsed.success) return failed('invalid_blocks', parsed.error.message);
    const { channel: named, thread_ts, text, blocks } = parsed.data;
    const channel = channelOf(named);
    if (channel === undefined) return failed('channel_not_found');
    if (state.archived.has(channel)) return failed('is_archived');
    if (thread_ts !== undefined && !posted.some((each) => each.channel === channel && each.ts === thread_ts))
      return failed('thread_not_found');
    state.count += 1;
    const ts = `1700000000.${String(state.count).padStart(6, '0')}`;
    const message = { text, blocks };
    posted.push({ channel, ts, message, edited: false, ...(thread_ts === undefined ? {} : { thread_ts }) });
    return { ok: true, channel, ts };
  };

  const update = (args: Readonly<Record<string, string>>): object => {
    const parsed = updateSchema.safeParse(withBlocks(args));
    if (!parsed.success) return failed('invalid_blocks', parsed.error.message);
    const { channel, ts, text, blocks } = parsed.data;
    const known = posted.find((each) => each.channel === channel && each.ts === ts);
    if (!known) return failed('message_not_found');
    known.message = { text, blocks };
    known.edited = true;
    return { ok: true, channel, ts };
  };

  const open = ({ trigger_id = '', view = '' }: Readonly<Record<string, string>>): object => {
    const issued = triggers.get(trigger_id);
    triggers.delete(trigger_id);
    if (issued === undefined) return failed('exchanged_trigger_id');
    if (now() - issued > TRIGGER_MS) return failed('expired_trigger_id');
    const parsed = viewSchema.safeParse(JSON.parse(view));
    if (!parsed.success) return failed('invalid_arguments', parsed.error.message);
    dialogs.push(parsed.data);
    return { ok: true, view: { id: `V${dialogs.length}` } };
  };

  /** A person's own messages stand in a channel of theirs. */
  const channelOf = (named: string): string | undefined => {
    if (users.has(named)) return `D${named.slice(1)}`;
    return (
      rooms.get(named) ??
      [...rooms.values(), ...posted.map((each) => each.channel)].find((id) => id === named)
    );
  };

  const server = createServer((request, response) => {
    if (request.url?.startsWith('/stray')) {
      state.strays += 1;
      response.end('{"ok":true}');
      return;
    }
    void bodyOf(request).then((body) => answer(request, body, response));
  });

  const answer = (request: IncomingMessage, body: string, response: ServerResponse): void => {
    const method = (request.url ?? '').replace('/api/', '');
    const args = Object.fromEntries(new URLSearchParams(body));
    calls.push({ method, args });
    const quoted = JSON.stringify({
      ok: false,
      error: 'fatal_error',
      asked: body,
      token: request.headers.authorization,
    });
    const { as } = state;
    if (as.kind === 'hang') return;
    if (as.kind === 'hang up') {
      response.destroy();
      return;
    }
    if (as.kind === 'busy') {
      response.writeHead(503).end(quoted);
      return;
    }
    if (as.kind === 'limit') {
      response.writeHead(429, { 'retry-after': as.retry_after }).end(quoted);
      return;
    }
    if (as.kind === 'redirect') {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/stray` }).end();
      return;
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (as.kind === 'flood') {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(quoted.repeat(200)), 1);
      response.on('close', () => clearInterval(timer));
      return;
    }
    const said = as.kind === 'refuse' ? failed('is_archived', quoted) : carryOut(method, args, token);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = serveSockets(server, (path) => sockets.delete(path));

  const trigger = (): string => {
    state.count += 1;
    const id = `${state.count}.trigger`;
    triggers.set(id, now());
    return id;
  };

  const signed = (payload: object): { readonly body: string; readonly headers: Record<string, string> } => {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    return { body, headers: signatureOf(body, Math.floor(now() / 1000)) };
  };

  const from = (user: string, team: string) => ({
    team: { id: team, domain: 'acme' },
    user: { id: user, team_id: users.get(user)?.team_id ?? team, name: users.get(user)?.name ?? 'nobody' },
  });

  return {
    port,
    apiUrl: `http://127.0.0.1:${port}/api/`,
    calls,
    users,
    dialogs,
    state,
    socket,
    behave: (as: Behaviour) => {
      state.as = as;
    },
    /** The messages that stand there now. */
    messages: (): readonly (Posted & { readonly id: string })[] =>
      posted.map((each) => ({ ...each, id: `${each.channel}/${each.ts}` })),
    drawings: (): readonly Received[] =>
      posted.map(({ channel, thread_ts, message: { blocks, text } }) => ({
        ...drawn(blocks, text),
        golden: JSON.stringify({ text, blocks }, null, 1),
        ...(thread_ts === undefined ? {} : { thread: `${channel}/${thread_ts}` }),
      })),
    forget: () => posted.splice(0),
    /** What Slack sends when somebody presses a button of a message. */
    pressed(user: string, action: string, value: string, team = TEAM) {
      const button = { type: 'button', action_id: action, block_id: 'x', value, action_ts: '1.1' };
      return {
        type: 'block_actions',
        api_app_id: 'A0PLACET1',
        trigger_id: trigger(),
        ...from(user, team),
        channel: { id: 'C0OPS0001', name: 'ops' },
        message: { ts: posted[0]?.ts ?? '1.1', text: posted[0]?.message.text ?? '' },
        response_url: 'https://hooks.slack.com/actions/T/1/x',
        actions: [button],
      };
    },
    /** What Slack sends when somebody sends a dialog off, by default the newest one. */
    submitted(
      user: string,
      typed: Readonly<Record<string, string | null>>,
      view = dialogs.at(-1),
      team = TEAM,
    ) {
      if (!view) throw new Error('No dialog is open.');
      state.count += 1;
      const values = Object.entries(typed).map(([block, value]) => [
        block,
        { typed: { type: 'plain_text_input', value } },
      ]);
      return {
        type: 'view_submission',
        api_app_id: 'A0PLACET1',
        trigger_id: trigger(),
        ...from(user, team),
        view: {
          id: `V${state.count}`,
          type: 'modal',
          callback_id: view.callback_id ?? '',
          private_metadata: view.private_metadata ?? '',
          hash: `${state.count}.h`,
          state: { values: Object.fromEntries(values) },
        },
      };
    },
    signed,
    /** Sends it to an endpoint as Slack does. */
    async deliver(url: string, payload: object): Promise<HookReply> {
      const { body, headers } = signed(payload);
      const answer = await fetch(url, { method: 'POST', body, headers });
      return { status: answer.status, text: await answer.text() };
    },
    close: async () => {
      socket.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FakeSlack = Awaited<ReturnType<typeof startFakeSlack>>;

/** The headers of a request that Slack signs at this second. */
export function signatureOf(body: string, seconds: number, secret = SIGNING_SECRET): Record<string, string> {
  const digest = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${digest}`,
  };
}

function withBlocks(args: Readonly<Record<string, string>>): object {
  return { ...args, blocks: JSON.parse(args['blocks'] ?? 'null') as unknown };
}

function failed(error: string, why?: string): object {
  return {
    ok: false,
    error,
    ...(why === undefined ? {} : { response_metadata: { messages: [`[ERROR] ${why}`] } }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
