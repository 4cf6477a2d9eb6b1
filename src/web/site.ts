import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { DecisionError, EvidenceError, IdentityError, LimitError, messageOf } from '../core/errors.ts';
import type { Access } from '../guard/ports.ts';
import { mountApi } from './api/mount.ts';
import { CONSOLE_STYLE } from './assets/console-style.ts';
import { ICON } from './assets/icon.ts';
import { SCRIPT } from './assets/script.ts';
import { STYLE } from './assets/style.ts';
import { clientAddress } from './client-address.ts';
import { createAccountRoutes } from './account-routes.ts';
import { createConsoleGate } from './console-gate.ts';
import { createConsoleKit } from './console-kit.ts';
import { createConsoleRoutes } from './console-routes.ts';
import { cookieNames } from './cookies.ts';
import { createEnrolmentRoutes } from './enrolment-routes.ts';
import { createEvidenceRoutes } from './evidence-routes.ts';
import { createEvents } from './events.ts';
import { secure } from './headers.ts';
import { createSlackHook, HOOK_MAX, SLACK_HOOK } from './hook-routes.ts';
import { createKeyRoutes } from './key-routes.ts';
import { createLogRoutes } from './log-routes.ts';
import { createMeRoutes } from './me-routes.ts';
import { isForeign, isOurHost, isOurOrigin, type Addressed } from './origin.ts';
import * as problems from './problems.ts';
import { createProofRoute } from './proof-routes.ts';
import { createRequestRoutes } from './request-routes.ts';
import { createReturnPaths } from './return-path.ts';
import { createSealedForms } from './sealed-forms.ts';
import { createSessionDoor } from './session-door.ts';
import { createSignInRoutes } from './sign-in-routes.ts';
import type { Ctx, Env, SiteKit } from './site-context.ts';
import { isOfApi, rootOf, wantsPage } from './site-kit.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { createSsoRoutes } from './sso-routes.ts';
import { createToolRoutes } from './tool-routes.ts';
import { consoleFrame } from './views/console/shell.ts';
import { problemPage } from './views/message-page.ts';

export type { ReviewSiteOptions } from './site-options.ts';

/** The reviewers' site. */
export interface ReviewSite {
  fetch(request: Request, env?: object): Response | Promise<Response>;
  /** Ends what would go on for ever: the streams to open pages. */
  close(): void;
}

const BODY_MAX = 64 * 1024;
const UNCHANGING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** All routes of the reviewers' site. Nothing that a GET, HEAD or OPTIONS does changes anything. */
export function createReviewSite(options: ReviewSiteOptions): ReviewSite {
  const { clock, log } = options;
  const publicUrl = new URL(options.publicUrl);
  const app = new Hono<Env>();

  const refuse: SiteKit['refuse'] = (c, problem) => {
    const { status, code, title, detail, retry_after } = problem;
    if (retry_after !== undefined) c.header('Retry-After', String(retry_after));
    if (wantsPage(c)) return c.html(problemPage(problem, rootOf(c)), status);
    return c.body(JSON.stringify({ type: 'about:blank', title, status, detail, code }), status, {
      'Content-Type': 'application/problem+json',
    });
  };
  const kit: SiteKit = {
    rootOf,
    refuse,
    frame: (c, access) => (access.kind === 'session' ? consoleFrame(consoleKit.shell(c)) : {}),
    addressOf: (c) => clientAddress(c, publicUrl),
  };
  const cookies = cookieNames(publicUrl);
  const forms = createSealedForms(options.seals, clock, options.random);
  const returns = createReturnPaths(options.seals, clock);
  const door = createSessionDoor(options.sessions, cookies, clock);
  const consoleKit = createConsoleKit(options, { kit, forms });

  const requests = createRequestRoutes(options, kit);
  const tools = createToolRoutes(options, { kit, consoleKit, forms });
  const signIn = createSignInRoutes(options, { kit, door, forms, returns });
  const keys = createKeyRoutes(options, { kit, consoleKit, forms });
  const me = createMeRoutes(options, { kit, consoleKit, forms, door, keys });
  const accounts = createAccountRoutes(options, { kit, consoleKit, forms, me: me.show });
  const sso = createSsoRoutes(options, {
    accounts,
    keys,
    kit,
    door,
    forms,
    returns,
    cookies,
    requests,
    tools,
    consoleKit,
    publicUrl,
  });
  const enrolment = createEnrolmentRoutes(options, { kit, forms });
  const pages = createConsoleRoutes(options, { kit, consoleKit, forms });
  const evidence = createEvidenceRoutes(options, { kit, consoleKit, forms });
  const events = createEvents(options, kit);
  const served = createLogRoutes(options, kit);
  const proof = createProofRoute(options, { kit, consoleKit });

  app.use(async (c, next) => {
    await next();
    secure(c.res.headers, publicUrl.protocol === 'https:');
  });
  app.use(async (c, next) => {
    const addressed = addressedOf(c);
    if (!isOurHost(addressed, publicUrl)) return refuse(c, problems.WRONG_HOST);
    if (c.req.path === SLACK_HOOK) return next();
    const foreign = isOfApi(c)
      ? isForeign(addressed, publicUrl)
      : !UNCHANGING.has(c.req.method) && !isOurOrigin(addressed, publicUrl);
    if (foreign) return refuse(c, problems.CROSS_ORIGIN);
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
    const told = [DecisionError, EvidenceError, IdentityError, LimitError].some(
      (known) => thrown instanceof known,
    );
    if (!told) log(`web: ${problem.code}: ${messageOf(thrown)}`);
    return refuse(c, problem);
  });

  const post = (path: string, handler: (c: Ctx) => Promise<Response>) =>
    app.post(
      path,
      async (c, next) => (isForm(c.req.header('content-type')) ? next() : refuse(c, problems.NOT_A_FORM)),
      bodyLimit({ maxSize: BODY_MAX, onError: (c) => refuse(c as Ctx, problems.TOO_LARGE) }),
      handler,
    );
  const linkOf = (c: Ctx): Access => ({ kind: 'link', token: c.req.param('token') ?? '' });
  const sessionOf = (c: Ctx) => {
    const { person } = consoleKit.visitorOf(c).session;
    return { kind: 'session', person, request_id: c.req.param('id') ?? '' } as const;
  };

  app.get('/assets/placet.css', (c) => asset(c, STYLE, 'text/css; charset=utf-8'));
  app.get('/assets/console.css', (c) => asset(c, CONSOLE_STYLE, 'text/css; charset=utf-8'));
  app.get('/assets/placet.js', (c) => asset(c, SCRIPT, 'text/javascript; charset=utf-8'));
  app.get('/assets/placet.svg', (c) => asset(c, ICON, 'image/svg+xml'));
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', (c) => {
    const { ready, reason } = options.health();
    const body = { status: ready ? 'ready' : 'not ready', ...(reason ? { reason } : {}) };
    return c.json(body, ready ? 200 : 503);
  });

  const api = mountApi(app, options, kit);

  app.get('/checkpoint', served.checkpoint);
  app.get('/tile/entries/*', served.entries);
  app.get('/tile/*', served.tile);

  const hookLimit = bodyLimit({ maxSize: HOOK_MAX, onError: (c) => refuse(c as Ctx, problems.TOO_LARGE) });
  app.post(SLACK_HOOK, hookLimit, createSlackHook(options, kit));

  app.get('/r/:token', (c) => requests.show(c, linkOf(c)));
  post('/r/:token/decision', (c) => requests.decide(c, linkOf(c)));
  post('/r/:token/reveal', (c) => requests.reveal(c, linkOf(c)));

  app.get('/enrol/:token', enrolment.show);
  post('/enrol/:token/begin', enrolment.begin);
  post('/enrol/:token/complete', enrolment.complete);

  app.get('/', signIn.show);
  app.get('/sign-in', signIn.show);
  post('/sign-in', signIn.signIn);
  post('/sign-out', signIn.signOut);
  app.get('/sso/start', sso.start);
  app.get('/sso/callback', sso.callback);
  post('/sso/continue', sso.resume);

  app.use('/console/*', createConsoleGate(options, { kit, consoleKit, door, returns }));
  app.get('/console', pages.waiting);
  post('/console/invitations/approve', pages.approveInvitation);
  app.get('/console/requests', pages.history);
  app.get('/console/requests/:id', (c) => requests.show(c, sessionOf(c)));
  post('/console/requests/:id/decision', (c) => requests.decide(c, sessionOf(c)));
  post('/console/requests/:id/reveal', (c) => requests.reveal(c, sessionOf(c)));
  post('/console/requests/:id/reconcile', (c) => requests.reconcile(c, sessionOf(c)));
  app.get('/console/evidence', evidence.show);
  post('/console/evidence/review', evidence.review);
  app.get('/console/evidence/bundle', evidence.bundle);
  app.get('/console/tools', tools.list);
  post('/console/tools/accept', tools.accept);
  app.get('/console/tools/:id', tools.show);
  app.get('/console/me', (c) => me.show(c));
  post('/console/me/passkeys/begin', me.beginPasskey);
  post('/console/me/passkeys', me.addPasskey);
  post('/console/me/passkeys/revoke', me.revokePasskey);
  post('/console/me/sessions/revoke', me.revokeSession);
  post('/console/me/accounts/unlink', accounts.unlink);
  app.get('/console/link/slack', accounts.show);
  post('/console/link/slack', accounts.link);
  post('/console/me/keys/begin', keys.begin);
  post('/console/me/keys', keys.make);
  post('/console/me/keys/revoke', keys.revoke);
  app.get('/console/people', pages.people);
  app.get('/console/rules', pages.rules);
  app.get('/console/journal', pages.journal);
  app.get('/console/proofs/:seq', proof);
  app.get('/console/events', (c) => events.stream(c, consoleKit.visitorOf(c).session));

  return {
    fetch: (request, env) => app.fetch(request, env),
    close() {
      events.close();
      api.close();
    },
  };
}

function addressedOf(c: Ctx): Addressed {
  return {
    host: c.req.header('host'),
    origin: c.req.header('origin'),
    fetchSite: c.req.header('sec-fetch-site'),
    localPort: c.env?.incoming?.socket.localPort,
  };
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
