import { actionDigest } from '../core/action.ts';
import type { Card } from '../core/card.ts';
import { JournalError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Request } from '../core/request.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { PayloadRef, Payloads } from '../journal/payloads.ts';
import type { RpcErrorObject } from './ports.ts';

/** How a call ended, as its result payload keeps it: `{"result":…}` around the very bytes that came, or `{"error":…}`. */
export type Outcome = { readonly result: Verbatim } | { readonly error: RpcErrorObject };

const BEFORE_RESULT = Buffer.from('{"result":');
const BEHIND_RESULT = Buffer.from('}');
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The payloads of requests, as values. */
export interface Contents {
  /** Keeps a text as it is. */
  keep(text: Uint8Array, durability: 'synced' | 'written'): Promise<PayloadRef>;
  keepOutcome(outcome: Outcome, durability: 'synced' | 'written'): Promise<PayloadRef>;
  /** Resolves when all that was kept before is on the disk. */
  sync(): Promise<void>;
  /** The arguments, checked against the action that the request is about. */
  args(request: Request): Promise<JsonObject>;
  /** The card, checked against the request's card digest. */
  card(request: Request): Promise<Card>;
  /** The arguments of an earlier call, to compare with; nothing where they were erased or cannot be read. */
  formerArgs(ref: PayloadRef): Promise<JsonObject | undefined>;
  outcome(ref: PayloadRef): Promise<Outcome>;
}

export function createContents(payloads: Payloads): Contents {
  const read = async (ref: PayloadRef): Promise<JsonObject> => parse(await payloads.get(ref));

  return {
    keep: (text, durability) => payloads.put(text, durability),

    keepOutcome: (outcome, durability) =>
      payloads.put(
        'result' in outcome
          ? Buffer.concat([BEFORE_RESULT, outcome.result.text, BEHIND_RESULT])
          : Buffer.from(JSON.stringify(outcome)),
        durability,
      ),

    sync: () => payloads.sync(),

    async args(request) {
      if (actionDigest(request) !== request.action_digest) {
        throw new JournalError('digest_mismatch', `The action of ${request.id} does not match its digest.`);
      }
      return read(refOf(request.args_commit, request.args_at));
    },

    async card(request) {
      const card = (await read(refOf(request.card_digest, request.card_at))) as unknown as Card;
      if (card.request_id !== request.id || card.action_digest !== request.action_digest) {
        throw new JournalError('digest_mismatch', `The card of ${request.id} is another request's.`);
      }
      return card;
    },

    async formerArgs(ref) {
      try {
        return await read(ref);
      } catch (error) {
        if (error instanceof JournalError) return undefined;
        throw error;
      }
    },

    async outcome(ref) {
      const text = await payloads.get(ref);
      const value = parse(text);
      if (!isJsonObject(value['result'])) return value as unknown as Outcome;
      const came = text.subarray(BEFORE_RESULT.length, text.length - BEHIND_RESULT.length);
      return { result: Verbatim.asItCame(value['result'], came) };
    },
  };
}

function parse(text: Uint8Array): JsonObject {
  const value: unknown = JSON.parse(decoder.decode(text));
  if (!isJsonObject(value)) throw new JournalError('payload_corrupt', 'A payload is not a JSON object.');
  return value;
}

/** What a payload holds; nothing where it was erased. */
export async function unlessErased<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof JournalError && error.code === 'payload_erased') return undefined;
    throw error;
  }
}

export function refOf(commit: string, at: string | undefined): PayloadRef {
  return at === undefined ? { commit } : { commit, at };
}
