import type { Receipt } from '../../../core/entry.ts';
import { utc } from '../../../core/time-words.ts';

/** What proves who decided, in a sentence. Names of providers and accounts are hostile. */
export function receiptWords(receipt: Receipt | undefined): string {
  if (receipt === undefined) {
    return 'By opening a link that was sent to this person alone, and typing the name of the tool. Nothing was signed.';
  }
  switch (receipt.kind) {
    case 'passkey':
      return `The passkey ${receipt.credential_id} signed this very decision on this very call; signature and counter (${receipt.sign_count}) stand in the entry, and anyone can check them with the key that was enrolled.`;
    case 'sso':
      return `${receipt.issuer} said that it was its account ${receipt.subject}, signed in on ${utc(receipt.auth_time)}; the SHA-256 of its token stands in the entry.`;
    case 'slack':
      return `Slack said, in a signed message, that it was the account ${receipt.user} of the workspace ${receipt.team}, which had been linked to this person.`;
    case 'api':
      return `By the key ${receipt.key_id} at the API, which was issued to this person.`;
  }
}
