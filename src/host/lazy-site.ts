import { messageOf } from '../core/errors.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { ReviewSite } from '../web/site.ts';

/** A site that is there from its first visitor on, or a second after `soon` was called. */
export interface LazySite {
  fetch(request: Request, env: object): Response | Promise<Response>;
  /** Makes it when those who have just come are answered, so that its first visitor need not wait. */
  soon(): void;
  close(): Promise<void>;
}

const SOON_MS = 1000;

/** @param make loads the site, which is a fourth of all code, and puts it together; called once */
export function createLazySite(options: {
  readonly make: () => Promise<ReviewSite>;
  readonly clock: Clock;
  readonly log: Log;
}): LazySite {
  let making: Promise<ReviewSite> | undefined;
  let site: ReviewSite | undefined;
  let closed = false;
  let stopTimer = (): void => undefined;

  function made(): Promise<ReviewSite> {
    making ??= options.make().then((fresh) => {
      site = fresh;
      if (closed) fresh.close();
      return fresh;
    });
    return making;
  }

  return {
    fetch(request, env) {
      if (site) return site.fetch(request, env);
      if (closed) return new Response(null, { status: 503, headers: { 'Retry-After': '5' } });
      return made().then((fresh) => fresh.fetch(request, env));
    },
    soon() {
      stopTimer = options.clock.after(SOON_MS, () => {
        made().catch((error: unknown) =>
          options.log(`The pages of this host cannot be loaded: ${messageOf(error)} Install Placet anew.`),
        );
      });
    },
    async close() {
      closed = true;
      stopTimer();
      await making?.catch(() => undefined);
      site?.close();
    },
  };
}
