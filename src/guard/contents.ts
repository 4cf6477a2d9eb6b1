import { actionDigest } from '../core/action.ts';
import type { Card } from '../core/card.ts';
import { JournalError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Request } from '../core/request.ts';
import type { Secret } from '../core/secret.ts';
import { marksIn } from '../core/secret-places.ts';
import { unmaskSecrets } from '../core/secret-unmask.ts';
import { Verbatim } from '../core/verbatim.ts';
import type { PayloadRef, Payloads } from '../journal/payloads.ts';
import type { Secrets } from '../journal/secrets.ts';
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
  /** Keeps the secrets of held arguments apart, on the disk. @returns their commitment */
  keepSecrets(secrets: readonly Secret[]): Promise<string>;
  /** Keeps an outcome as it came, apart, on the disk, until it is handed over. @returns its commitment */
  keepWhole(outcome: Outcome): Promise<string>;
  /** The arguments as people see them, checked against the action that the request is about. */
  args(request: Request): Promise<JsonObject>;
  /**
   * The arguments as they are sent: with their secrets, each checked against what its mark commits to.
   *
   * @throws JournalError `secrets_lost` where they are erased, missing or changed
   */
  whole(request: Request): Promise<Whole>;
  /** The card, checked against the request's card digest. */
  card(request: Request): Promise<Card>;
  /** The arguments of an earlier call, to compare with; nothing where they were erased or cannot be read. */
  formerArgs(ref: PayloadRef): Promise<JsonObject | undefined>;
  /** The outcome as it is kept. */
  outcome(ref: PayloadRef): Promise<Outcome>;
  /** The outcome as it came, where it is kept so until it was handed over; nothing where it is no more. */
  wholeOutcome(commit: string): Promise<Outcome | undefined>;
}

/** Arguments as they are sent, and what among them is secret. */
export interface Whole {
  readonly args: JsonObject;
  readonly secrets: readonly Secret[];
}

export function createContents(payloads: Payloads, secrets: Secrets): Contents {
  const read = async (ref: PayloadRef): Promise<JsonObject> => parse(await payloads.get(ref));

  async function args(request: Request): Promise<JsonObject> {
    if (actionDigest(request) !== request.action_digest) {
      throw new JournalError('digest_mismatch', `The action of ${request.id} does not match its digest.`);
    }
    return read(refOf(request.args_commit, request.args_at));
  }

  return {
    keep: (text, durability) => payloads.put(text, durability),

    keepOutcome: (outcome, durability) => payloads.put(written(outcome), durability),
    keepSecrets: (kept) => secrets.put(Buffer.from(JSON.stringify({ v: 1, secrets: kept }))),
    keepWhole: (outcome) => secrets.put(written(outcome)),

    sync: () => payloads.sync(),

    args,

    async whole(request) {
      const masked = await args(request);
      const marks = marksIn(masked).length;
      const commit = request.secrets?.args;
      if (commit === undefined && marks === 0) return { args: masked, secrets: [] };
      if (commit === undefined) throw lost();
      const kept = parse(await gone(secrets.get(commit)));
      const those = kept['secrets'] as unknown as readonly Secret[];
      const whole = unmaskSecrets(masked, those);
      if (those.length !== marks || !isJsonObject(whole)) throw lost();
      return { args: whole, secrets: those };
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

    outcome: async (ref) => outcomeOf(await payloads.get(ref)),

    async wholeOutcome(commit) {
      try {
        return outcomeOf(await secrets.get(commit));
      } catch (error) {
        if (error instanceof JournalError && error.code !== 'payload_unreadable') return undefined;
        throw error;
      }
    },
  };
}

function written(outcome: Outcome): Buffer {
  return 'result' in outcome
    ? Buffer.concat([BEFORE_RESULT, outcome.result.text, BEHIND_RESULT])
    : Buffer.from(JSON.stringify(outcome));
}

function outcomeOf(text: Uint8Array): Outcome {
  const value = parse(text);
  if (!isJsonObject(value['result'])) return value as unknown as Outcome;
  const came = text.subarray(BEFORE_RESULT.length, text.length - BEHIND_RESULT.length);
  return { result: Verbatim.asItCame(value['result'], came) };
}

/** @throws JournalError `secrets_lost` for what will not come back */
async function gone<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof JournalError && error.code !== 'payload_unreadable') throw lost(error);
    throw error;
  }
}

function lost(cause?: unknown): JournalError {
  const why = 'What is secret in the arguments is erased, or is not what was approved.';
  return new JournalError('secrets_lost', why, { cause });
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
