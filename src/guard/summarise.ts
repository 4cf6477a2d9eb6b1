import type { Card } from '../core/card.ts';
import { DownstreamError, messageOf } from '../core/errors.ts';
import type { GuardContext } from './context.ts';
import type { IncomingCall } from './ports.ts';

const SUMMARY_MS = 2000;

/** The guarded tool's own sentence about a call, or why there is none. */
export async function summarise(
  { clock, reach }: Pick<GuardContext, 'clock' | 'reach'>,
  call: IncomingCall,
): Promise<Pick<Card, 'summary' | 'summary_trouble'>> {
  if (!call.tool.summarises) return {};
  let stop = (): void => undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      stop = clock.after(SUMMARY_MS, () =>
        reject(new DownstreamError('downstream_silent', `it gave none within ${SUMMARY_MS / 1000} s`)),
      );
    });
    const said = reach(call.tool.server, call.caller.session, call.caller.agent).then((target) =>
      target.summarise(call.tool.tool, call.args),
    );
    return { summary: await Promise.race([said, late]) };
  } catch (error) {
    return { summary_trouble: messageOf(error) };
  } finally {
    stop();
  }
}
