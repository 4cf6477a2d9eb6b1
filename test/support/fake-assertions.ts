import { DecisionError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { VerifyAssertion } from '../../src/guard/ports.ts';

/**
 * A stand-in for the verifier of assertions that looks at the challenge, the key and the counter, and believes the
 * signature unless it is of another length. Never used outside tests.
 */
export const fakeVerifyAssertion: VerifyAssertion = async ({ assertion, challenge, nonce, passkey }) => {
  const response = assertion.response as JsonObject;
  const authenticatorData = textIn(response, 'authenticatorData');
  const clientDataJSON = textIn(response, 'clientDataJSON');
  const signature = textIn(response, 'signature');
  const data = Buffer.from(authenticatorData, 'base64url');
  const client = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as JsonObject;
  if (assertion.id !== passkey.id) throw refused('the key is another one');
  if (client.challenge !== challenge) throw refused('the challenge is another one');
  if (((data[32] ?? 0) & 0x04) === 0) throw refused('the user was not verified');
  if (signature.length !== 86) throw refused('the signature is wrong');
  return {
    kind: 'passkey',
    credential_id: passkey.id,
    nonce,
    authenticator_data: authenticatorData,
    client_data: clientDataJSON,
    signature,
    sign_count: data.readUInt32BE(33),
  };
};

function textIn(response: JsonObject, name: string): string {
  const value = response[name];
  if (typeof value === 'string') return value;
  throw refused(`it has no ${name}`);
}

function refused(why: string): DecisionError {
  return new DecisionError('passkey_refused', `The passkey did not verify this: ${why}.`);
}
