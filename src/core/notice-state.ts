import type { EntryOf } from './entry.ts';
import { TransitionError } from './errors.ts';
import { asked, type NoticeState, type Request } from './request.ts';

/**
 * What a request keeps of a notice.
 *
 * @throws TransitionError `not_asked`, `not_the_owner`
 */
export function noticeState(
  request: Request,
  entry: EntryOf<'notice.sent'> | EntryOf<'notice.failed'>,
): NoticeState {
  const { reviewer, channel, notice, round, time: at } = entry;
  if (notice === 'owner_outcome') {
    if (reviewer !== request.owner)
      throw illegal('not_the_owner', request, 'tells its owner and nobody else');
  } else if (reviewer !== undefined && !asked(request).includes(reviewer))
    throw illegal('not_asked', request, `did not ask ${reviewer}`);
  const of = {
    ...(reviewer === undefined ? {} : { reviewer }),
    channel,
    notice,
    ...(round === undefined ? {} : { round }),
    at,
  };
  return entry.type === 'notice.sent'
    ? { ...of, state: 'sent', message_id: entry.message_id }
    : { ...of, state: 'failed', detail: entry.detail };
}

function illegal(code: string, request: Request, what: string): TransitionError {
  return new TransitionError(code, `The request ${request.id} ${what}.`);
}
