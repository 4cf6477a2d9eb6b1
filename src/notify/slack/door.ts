import type { Clock } from '../../core/clock.ts';
import { sha256 } from '../../core/digest.ts';
import { messageOf } from '../../core/errors.ts';
import type { Random } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import { createSlackClient } from './client.ts';
import { createDesk, type DeskParts } from './desk.ts';
import { payloadIn, readInteraction } from './interaction.ts';
import { createMembership } from './membership.ts';
import { createRefusals } from './refusals.ts';
import { faultOfSignature, type SignedRequest } from './signature.ts';
import { openSocketMode } from './socket.ts';
import { watched } from './watched.ts';

/** What the endpoint answers. */
export type HookAnswer =
  | { readonly kind: 'taken'; readonly body?: JsonObject }
  /** It was not Slack that sent this, or not just now. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'unreadable' };

/** By which what people press in Slack comes in: the endpoint, a connection of ours, or both. */
export interface SlackDoor {
  /** Nothing where no signing secret is set. */
  readonly hook?: (request: SignedRequest) => Promise<HookAnswer>;
  readonly problems: () => readonly string[];
  close(): Promise<void>;
}

export function openSlackDoor(
  options: DeskParts & {
    readonly settings: {
      readonly botToken: string;
      readonly signingSecret?: string;
      readonly appToken?: string;
      readonly apiUrl: string;
    };
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
  },
): SlackDoor {
  const { settings, clock, random, log } = options;
  const { apiUrl, signingSecret, appToken } = settings;
  const { botToken: token } = settings;
  const client = watched(createSlackClient({ token, apiUrl, clock, timeoutMs: CALL_MS }), log);
  const desk = createDesk({ ...options, client, faultOf: createMembership(client) });
  const refusals = createRefusals({ clock, log });

  const hook =
    (secret: string) =>
    async (request: SignedRequest): Promise<HookAnswer> => {
      const fault = faultOfSignature(request, secret, clock.now());
      if (fault !== undefined) {
        refusals.note(fault);
        return { kind: 'refused' };
      }
      const interaction = readInteraction(payloadIn(Buffer.from(request.body).toString('utf8')));
      if (!interaction) return { kind: 'unreadable' };
      const body = await desk.take(interaction, sha256(request.body));
      return { kind: 'taken', ...(body === undefined ? {} : { body }) };
    };

  /** Over a connection nothing is signed: it is by the app's own token that it stands. */
  const handle = async (payload: unknown): Promise<JsonObject | undefined> => {
    const interaction = readInteraction(payload);
    if (!interaction) return undefined;
    try {
      return await desk.take(interaction, sha256(JSON.stringify(payload)));
    } catch (thrown) {
      log(`slack: ${messageOf(thrown)}`);
      return undefined;
    }
  };

  const socket =
    appToken === undefined ? undefined : openSocketMode({ appToken, apiUrl, handle, clock, random, log });

  return {
    ...(signingSecret === undefined ? {} : { hook: hook(signingSecret) }),
    problems: () => [...client.problems(), ...refusals.problems(), ...(socket?.problems() ?? [])],
    async close() {
      await socket?.close();
      client.close();
      await desk.drain();
    },
  };
}

/** A dialog has to be opened within three seconds of the press. */
const CALL_MS = 2500;
