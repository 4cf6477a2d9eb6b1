import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';

/** What a browser posted after it asked a passkey: of the right shape, and nothing of it verified. */
interface Answer {
  /** base64url, as everything here that is text, in its one canonical form. */
  readonly id: string;
  readonly clientDataJSON: string;
  /** The client data, read. */
  readonly client: JsonObject;
}

export interface AssertionAnswer extends Answer {
  readonly authenticatorData: string;
  readonly signature: string;
  /** Whom the passkey was made for, where the authenticator says so. */
  readonly userHandle?: string;
}

export interface RegistrationAnswer extends Answer {
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** In characters. A receipt keeps three such texts, and has to fit into an entry of the journal. */
const SIGNED_MAX = 8_192;
const ATTESTATION_MAX = 32_768;
/** WebAuthn (Level 3, 4): a credential id has at most 1,023 bytes. */
const ID_MAX = 1_364;
const TRANSPORTS: readonly string[] = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/** An AuthenticationResponseJSON, or nothing when it is none. */
export function readAssertion(posted: JsonObject): AssertionAnswer | undefined {
  const read = readAnswer(posted);
  if (!read) return undefined;
  const { answer, response } = read;
  const authenticatorData = base64url(response['authenticatorData'], SIGNED_MAX);
  const signature = base64url(response['signature'], SIGNED_MAX);
  if (authenticatorData === undefined || signature === undefined) return undefined;
  const given = response['userHandle'];
  if (given === undefined || given === null || given === '')
    return { ...answer, authenticatorData, signature };
  const userHandle = base64url(given, SIGNED_MAX);
  return userHandle === undefined ? undefined : { ...answer, authenticatorData, signature, userHandle };
}

/** A RegistrationResponseJSON, or nothing when it is none. */
export function readRegistration(posted: JsonObject): RegistrationAnswer | undefined {
  const read = readAnswer(posted);
  const attestationObject = base64url(read?.response['attestationObject'], ATTESTATION_MAX);
  if (!read || attestationObject === undefined) return undefined;
  const given = read.response['transports'];
  const transports = Array.isArray(given) ? TRANSPORTS.filter((each) => given.includes(each)) : [];
  return { ...read.answer, attestationObject, transports };
}

function readAnswer(posted: JsonObject): { answer: Answer; response: JsonObject } | undefined {
  const { id: given, rawId, type, response } = posted;
  const id = base64url(given, ID_MAX);
  if (id === undefined || rawId !== id || type !== 'public-key') return undefined;
  if (response === undefined || !isJsonObject(response)) return undefined;
  const clientDataJSON = base64url(response['clientDataJSON'], SIGNED_MAX);
  const client = clientDataJSON === undefined ? undefined : readJson(clientDataJSON);
  if (clientDataJSON === undefined || client === undefined || !isJsonObject(client)) return undefined;
  return { answer: { id, clientDataJSON, client }, response };
}

/** Decoders differ on anything but the canonical form, and what was signed has to be the same bytes to all. */
function base64url(value: Json | undefined, max: number): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > max) return undefined;
  return Buffer.from(value, 'base64url').toString('base64url') === value ? value : undefined;
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Json;
  } catch {
    // It is no JSON, and so no answer.
    return undefined;
  }
}
