import { shortened } from '../../core/characters.ts';
import { revealedLine } from '../../core/reveal.ts';
import { untilInWords, utc } from '../../core/time-words.ts';
import type { InvitationNotice } from '../channel.ts';
import { keepsake, type Letter } from '../letter.ts';

const NAME_MAX = 80;

/**
 * Invites to enrol a passkey. The code is not in it, so that the mailbox alone is not enough.
 *
 * @param now milliseconds since the epoch
 */
export function invitationLetter(invitation: InvitationNotice, now: number): Letter {
  const { to, expires_at } = invitation;
  const inviter = name(invitation.inviter);
  return {
    subject: 'Set up your passkey for Placet',
    kicker: 'Invitation',
    heading: `${name(to.name)}, set up a passkey`,
    tone: 'waiting',
    facts: [
      ['Invited by', inviter],
      ['What for', 'To prove that it is you who approves or rejects what agents want to do'],
      ['Expires', `${utc(expires_at)}, ${untilInWords(expires_at, now)} after this mail was sent`],
    ],
    cautions: [],
    link: { href: invitation.link, label: 'Set up your passkey' },
    closing: [
      `The page asks for a code, which ${inviter} gives you by another way than mail.`,
      `The link is for ${name(to.name)} alone: do not forward it. Opening it changes nothing.`,
      'If you expected no invitation, do not use it, and tell whoever runs Placet.',
      ...keepsake(invitation),
    ],
  };
}

function name(text: string): string {
  return shortened(revealedLine(text), NAME_MAX);
}
