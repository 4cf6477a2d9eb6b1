import { Hono, type Hono as App } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { NO_CHECKPOINT } from '../problems.ts';
import type { Ctx, Env, SiteKit } from '../site-context.ts';
import type { ReviewSiteOptions } from '../site-options.ts';
import { createChallenges } from './challenge.ts';
import { createDecideRoute } from './decide.ts';
import { callerIn, createGate } from './gate.ts';
import { createList } from './list.ts';
import { createMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { BODY_TOO_LARGE } from './problems.ts';
import type { checkpointSchema } from './schemas.ts';
import { createShownAtApi } from './shown.ts';
import { createEventStream } from './stream.ts';

const BODY_MAX = 64 * 1024;

/** Puts the API for people's own programs on the site, with its description, and the metrics for monitors. */
export function mountApi(app: App<Env>, options: ReviewSiteOptions, kit: SiteKit): { close(): void } {
  const shown = createShownAtApi(options.publicUrl);
  const challenges = createChallenges(options);
  const list = createList(options, { kit, shown });
  const decide = createDecideRoute(options, { kit, shown, challenges });
  const events = createEventStream(options, kit);
  const document = JSON.stringify(openApiDocument(options));

  const api = new Hono<Env>();
  api.use(createGate(options, kit));
  api.get('/requests', list);
  api.get('/requests/stream', events.stream);
  api.get('/requests/:id', async (c) => {
    const { key, holder } = callerIn(c);
    const view = await options.reviews.view({
      kind: 'session',
      person: holder.id,
      request_id: c.req.param('id'),
    });
    const entries = await options.reviews.story(holder.id, view.request.id);
    const controls = (await options.controls()).controlsOf(entries);
    return c.json(shown.request(view, key, { challenge: challenges.of(view), controls }));
  });
  api.post(
    '/requests/:id/decisions',
    bodyLimit({ maxSize: BODY_MAX, onError: (c) => kit.refuse(c as Ctx, BODY_TOO_LARGE) }),
    decide,
  );
  api.get('/checkpoint', (c) => {
    const newest = options.tlog.newest();
    if (!newest) return kit.refuse(c, NO_CHECKPOINT);
    const { origin, size, root, at, note } = newest;
    const body: z.infer<typeof checkpointSchema> = { origin, size, root: root.toString('hex'), at, note };
    return c.json(body);
  });

  app.route('/api/v1', api);
  app.get('/openapi.json', (c) => c.body(document, 200, { 'Content-Type': 'application/json' }));
  app.get('/metrics', createMetrics(options, kit));
  return { close: () => events.close() };
}
