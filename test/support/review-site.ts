import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { createLimits } from '../../src/reviewers/limits.ts';
import { createPasskeys } from '../../src/reviewers/passkeys.ts';
import { createSeals } from '../../src/reviewers/seal.ts';
import { serve } from '../../src/web/serve.ts';
import { createReviewSite } from '../../src/web/site.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { History } from '../../src/core/history.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { Acceptance } from '../../src/guard/acceptance.ts';
import type { EvidenceReviews } from '../../src/guard/evidence-reviews.ts';
import type { ApiKeys } from '../../src/reviewers/api-keys.ts';
import type { Enrolment } from '../../src/reviewers/enrolment.ts';
import type { SingleSignOn } from '../../src/reviewers/sso.ts';
import type { Sessions } from '../../src/reviewers/sessions.ts';
import { loadControls } from '../../src/evidence/controls/load.ts';
import { fakeEvidenceDesk } from './fake-evidence-desk.ts';
import { createFakeReviews } from './fake-reviews.ts';
import { memoryJournal } from './memory-journal.ts';
import { createMemoryRequests, PEOPLE } from './memory-requests.ts';
import { signedLog } from './signed-log.ts';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As a browser asks for a page. */
export const HTML = { accept: 'text/html,application/xhtml+xml' };

export interface ReviewSiteMade {
  readonly publicUrl?: string;
  readonly sso?: SingleSignOn;
}

/** The real site on a real socket, over requests in memory. Nobody can sign in or enrol: see `console-site.ts`. */
export async function startReviewSite(options: ReviewSiteMade = {}) {
  const clock = new FakeClock();
  const random = seededRandom();
  const memory = createMemoryRequests(clock, random);
  const fake = createFakeReviews(memory, clock, random);
  const logged: string[] = [];
  const health = { ready: true, reason: '' };
  const seals = createSeals(Buffer.alloc(32, 1), clock, random);
  const limits = createLimits();
  const tlog = signedLog(memoryJournal(new Ledger(), clock), clock).served;
  const nobody = { find: () => undefined, listOf: () => [] } as unknown as Sessions;
  let app: ReturnType<typeof createReviewSite> | undefined;
  const serving = await serve({
    app: { fetch: (request, env) => app?.fetch(request, env) ?? new Response(null, { status: 503 }) },
    host: '127.0.0.1',
    port: 0,
    clock,
  });
  const base = `http://localhost:${serving.port}`;
  const build = () =>
    createReviewSite({
      reviews: {
        ...fake.reviews,
        view: (access) => fake.reviews.view(access),
        decide: (input) => fake.reviews.decide(input),
      },
      publicUrl: options.publicUrl ?? base,
      clock,
      random,
      seals,
      limits,
      sessions: nobody,
      acceptance: {} as Acceptance,
      evidence: {} as EvidenceReviews,
      evidenceDesk: fakeEvidenceDesk(),
      controls: async () => (await loadControls({})).mapping,
      enrolment: {} as Enrolment,
      apiKeys: {} as ApiKeys,
      metrics: () => ({ requests: {}, notices_failed: 0, journal_entries: 0, streams: [], uptime_s: 0 }),
      passkeys: createPasskeys({ origin: options.publicUrl ?? base }),
      ...(options.sso ? { sso: options.sso } : {}),
      people: () => PEOPLE,
      identities: () => memory.ledger.identities,
      history: new History(),
      policy: async () => ({ version: 'v1', files: [], problems: [] }),
      journal: () => ({ entries: memory.entries.length }),
      tlog,
      onEntry: () => () => {},
      health: () => health,
      log: (line) => logged.push(line),
    });
  app = build();

  const ask = (path: string, asking: Asking = {}): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: serving.port,
          path,
          method: asking.method ?? 'GET',
          headers: { host: `localhost:${serving.port}`, ...asking.headers },
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(asking.body);
    });

  /** Posts a form as the browser does from a page of the site. */
  const post = (path: string, fields: Readonly<Record<string, string>> | string, headers = {}) =>
    ask(path, {
      method: 'POST',
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
      headers: {
        ...HTML,
        origin: base,
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
    });

  /** The anti-forgery field of a page. */
  const proofOf = async (token: string): Promise<string> => {
    const page = await ask(`/r/${token}`, { headers: HTML });
    return /name="proof" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
  };

  const decide = async (token: string, fields: Readonly<Record<string, string>> = {}) =>
    post(`/r/${token}/decision`, {
      decision: 'approve',
      reason: '',
      confirm: 'write_file',
      proof: await proofOf(token),
      ...fields,
    });

  return {
    clock,
    memory,
    fake,
    seals,
    base,
    port: serving.port,
    health,
    logged,
    ask,
    post,
    proofOf,
    decide,
    /** A new host with the same key, as after a restart. */
    restart: () => {
      app = build();
    },
    close: () => serving.close(),
  };
}

export type ReviewSite = Awaited<ReturnType<typeof startReviewSite>>;

/** Runs a test against a site of its own. */
export function withSite(
  run: (site: ReviewSite) => Promise<void>,
  options: ReviewSiteMade = {},
): () => Promise<void> {
  return async () => {
    const site = await startReviewSite(options);
    try {
      await run(site);
    } finally {
      await site.close();
    }
  };
}
