import { revealedLine } from '../core/reveal.ts';
import type { Invited, Revoked } from '../host/people-ops.ts';

/** The code, alone on the first line, and what to do with it. */
export function renderInvited({ name, code, needs_approval, console_url }: Invited): string {
  const who = revealedLine(name);
  return [
    code,
    '',
    needs_approval
      ? `${who} has had a passkey before. Nothing is mailed until a second person approves the invitation, at ${console_url}.`
      : `A mail with a link goes to ${who}. The link is good for 24 hours from when it is sent.`,
    `Tell ${who} this code yourself, in person or on the telephone, and never by mail: who reads their mail must not have both. The page behind the link asks for it.`,
    'The code is shown here once and kept nowhere; another invitation makes another code and ends this one.',
  ].join('\n');
}

/** @param credential the one key that was named; without it all were revoked */
export function renderRevoked({ person, revoked }: Revoked, credential: string | undefined): string {
  const keys = revoked.map(({ credential_id, name }) => `  "${revealedLine(name)}": ${credential_id}`);
  const [what, they] = revoked.length === 1 ? ['a passkey', 'it'] : [`${revoked.length} passkeys`, 'they'];
  return [
    `Revoked ${what} of ${person}, and ended the sessions that ${they} opened:`,
    ...keys,
    ...(credential === undefined
      ? [
          `Without a passkey ${person} cannot approve, not by a link either. "placet people invite ${person}" begins anew; a second person has to approve that.`,
        ]
      : []),
  ].join('\n');
}
