import { createHash } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { Clock } from '../core/clock.ts';
import { DecisionError, messageOf } from '../core/errors.ts';
import type { Reviews, ReviewView } from '../guard/ports.ts';
import { isLinkToken } from '../core/link.ts';
import { ICON } from './assets/icon.ts';
import { STYLE } from './assets/style.ts';
import { AMBIGUOUS, incomplete, readForm } from './decision-form.ts';
import { openForm, sealForm } from './form-proof.ts';
import { secure } from './headers.ts';
import { isOurHost, isOurOrigin, type Addressed } from './origin.ts';
import * as problems from './problems.ts';
import { homePage, problemPage } from './views/message-page.ts';
import { requestPage } from './views/request-page.ts';

export interface ReviewSiteOptions {
  readonly reviews: Reviews;
  /** The base of links, such as `http://localhost:7447`. It may have a path that a proxy strips. */
  readonly publicUrl: string;
  /** 32 secret bytes that stay the same over restarts. */
  readonly antiForgeryKey: Uint8Array;
  readonly clock: Clock;
  readonly health: () => { readonly ready: boolean; readonly reason?: string };
  /** Told of failures that the visitor is told nothing of; a line never holds a link. */
  readonly log: (line: string) => void;
}

interface Env {
  Bindings: Partial<HttpBindings>;
}
type Ctx = Context<Env>;

const BODY_MAX = 64 * 1024;
const UNCHANGING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The reviewers' site: no script, no cookie, and nothing that a GET, HEAD or OPTIONS changes. */
export function createReviewSite(options: ReviewSiteOptions): Hono<Env> {
  const { reviews, antiForgeryKey, clock, log } = options;
  const publicUrl = new URL(options.publicUrl);
  const app = new Hono<Env>();

  const refuse = (c: Ctx, problem: problems.Problem): Response | Promise<Response> => {
    if (c.req.header('accept')?.includes('text/html')) {
      return c.html(problemPage(problem, rootOf(c)), problem.status);
    }
    const { status, code, title, detail } = problem;
    return c.body(JSON.stringify({ type: 'about:blank', title, status, detail, code }), status, {
      'Content-Type': 'application/problem+json',
    });
  };

  const show = (c: Ctx, token: string, view: ReviewView, problem?: problems.Problem, reason = '') => {
    const root = rootOf(c);
    const served = { card_digest: view.request.card_digest, opened_at: view.opened_at };
    return c.html(
      requestPage({
        view,
        root,
        now: clock.now(),
        form: {
          action: `${root}r/${token}/decision`,
          proof: sealForm(antiForgeryKey, token, served),
          reason,
          ...(problem ? { problem } : {}),
        },
      }),
      problem?.status ?? 200,
    );
  };

  /** Shows people the request again, with what went wrong above it. */
  const showAgain = async (c: Ctx, token: string, problem: problems.Problem, reason = '') => {
    const view = await reviews.view(token);
    return c.req.header('accept')?.includes('text/html')
      ? show(c, token, view, problem, reason)
      : refuse(c, problem);
  };

  app.use(async (c, next) => {
    await next();
    secure(c.res.headers, publicUrl.protocol === 'https:');
  });
  app.use(async (c, next) => {
    const addressed = addressedOf(c);
    if (!isOurHost(addressed, publicUrl)) return refuse(c, problems.WRONG_HOST);
    if (!UNCHANGING.has(c.req.method) && !isOurOrigin(addressed, publicUrl)) {
      return refuse(c, problems.CROSS_ORIGIN);
    }
    return next();
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: async (c, methods) => {
        const answer =
          c.req.method === 'OPTIONS'
            ? c.body(null, 204)
            : await refuse(c as Ctx, problems.METHOD_NOT_ALLOWED);
        answer.headers.set('Allow', methods.join(', '));
        return answer;
      },
    }),
  );
  app.notFound((c) => refuse(c, problems.NOT_FOUND));
  app.onError((thrown, c) => {
    const problem = problems.problemOf(thrown);
    if (!(thrown instanceof DecisionError)) log(`web: ${problem.code}: ${messageOf(thrown)}`);
    return refuse(c, problem);
  });

  app.get('/', (c) => c.html(homePage(rootOf(c))));
  app.get('/assets/placet.css', (c) => asset(c, STYLE, 'text/css; charset=utf-8'));
  app.get('/assets/placet.svg', (c) => asset(c, ICON, 'image/svg+xml'));
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const { ready, reason } = options.health();
    return c.json(
      { status: ready ? 'ready' : 'not ready', ...(reason ? { reason } : {}) },
      ready ? 200 : 503,
    );
  });

  app.get('/r/:token', async (c) => {
    const token = c.req.param('token');
    if (!isLinkToken(token)) return refuse(c, problems.LINK_UNKNOWN);
    return show(c, token, await reviews.view(token));
  });

  app.post(
    '/r/:token/decision',
    async (c, next) => (isForm(c.req.header('content-type')) ? next() : refuse(c, problems.NOT_A_FORM)),
    bodyLimit({ maxSize: BODY_MAX, onError: (c) => refuse(c as Ctx, problems.TOO_LARGE) }),
    async (c) => {
      const token = c.req.param('token');
      if (!isLinkToken(token)) return refuse(c, problems.LINK_UNKNOWN);
      const form = readForm(await c.req.text());
      if (!form) return showAgain(c, token, AMBIGUOUS);
      const served = openForm(antiForgeryKey, token, form.proof);
      if (!served) return showAgain(c, token, problems.FORGED);
      const missing = incomplete(form);
      if (missing || !form.decision) return showAgain(c, token, missing ?? problems.FORGED, form.reason);
      const { decision, reason, confirm } = form;
      try {
        await reviews.decide({ token, decision, reason, confirm, ...served });
      } catch (thrown) {
        if (!(thrown instanceof DecisionError) || thrown.code === 'link_unknown') throw thrown;
        return showAgain(c, token, problems.problemOf(thrown), form.reason);
      }
      return c.redirect(`${rootOf(c)}r/${token}`, 303);
    },
  );
  return app;
}

function addressedOf(c: Ctx): Addressed {
  return {
    host: c.req.header('host'),
    origin: c.req.header('origin'),
    fetchSite: c.req.header('sec-fetch-site'),
    localPort: c.env?.incoming?.socket.localPort,
  };
}

function rootOf(c: Ctx): string {
  return '../'.repeat(Math.max(0, c.req.path.split('/').length - 2)) || './';
}

function isForm(contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

function asset(c: Ctx, body: string, contentType: string): Response {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
  return c.body(body, 200, { ...headers, 'Content-Type': contentType });
}
