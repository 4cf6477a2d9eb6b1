import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { History } from '../../src/core/history.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { mintLink } from '../../src/core/link.ts';
import type { People } from '../../src/core/person.ts';
import type { Review, Rule } from '../../src/core/policy.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { createCustody } from '../../src/guard/custody.ts';
import { createGuard } from '../../src/guard/guard.ts';
import type { OfferedTool, Target } from '../../src/guard/ports.ts';
import type { Settings } from '../../src/config.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { createMetricsReader } from '../../src/host/metrics.ts';
import { openSlack } from '../../src/host/slack.ts';
import { createAccounts } from '../../src/reviewers/accounts.ts';
import { createApiKeys } from '../../src/reviewers/api-keys.ts';
import type { Append } from '../../src/reviewers/append.ts';
import { createEnrolment } from '../../src/reviewers/enrolment.ts';
import { createLimits } from '../../src/reviewers/limits.ts';
import { createPasskeys } from '../../src/reviewers/passkeys.ts';
import { createSeals } from '../../src/reviewers/seal.ts';
import { createSessions } from '../../src/reviewers/sessions.ts';
import { serve } from '../../src/web/serve.ts';
import { createReviewSite } from '../../src/web/site.ts';
import { createAuthenticator, type Authenticator } from './authenticator.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, startFakeSlack } from './fake-slack.ts';
import { loadControls } from '../../src/evidence/controls/load.ts';
import { fakeEvidenceDesk } from './fake-evidence-desk.ts';
import { fakeSso, ISSUER } from './fake-sso.ts';
import { memoryJournal, memoryPayloads, memorySecrets } from './memory-journal.ts';
import { ledgerKnowing } from './registered-tools.ts';
import { signedLog } from './signed-log.ts';

export const CONSOLE_PEOPLE: People = {
  people: [
    {
      id: 'alice',
      name: 'Alice Ng',
      emails: ['alice@example.com'],
      sso: [{ issuer: ISSUER, subject: 'alice-at-idp' }],
    },
    { id: 'bob', name: 'Bob Lee', emails: ['bob@example.com'] },
    { id: 'carol', name: 'Carol Diaz', emails: ['carol@example.com'] },
    { id: 'dan', name: 'Dan Roe', emails: ['dan@example.com'] },
  ],
  groups: { ops: ['alice', 'bob', 'carol'] },
  agents: [{ id: 'claude-desktop', owner: 'bob', max_pending: 20_000 }],
};

export const CONSOLE_REVIEW: Review = {
  reviewers: ['group:ops'],
  quorum: 1,
  verification: 'link',
  expires_ms: 30 * 60_000,
  reason: 'optional',
  wait_ms: 0,
  timeout_ms: 5 * 60_000,
};

const RULES: readonly Rule[] = [
  {
    id: 'deletes',
    match: { tool: (tool) => tool.startsWith('delete_') },
    verdict: 'review',
    review: { ...CONSOLE_REVIEW, verification: 'passkey' },
  },
];

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RawAnswer extends Answered {
  readonly bytes: Buffer;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const HTML = { accept: 'text/html,application/xhtml+xml' };

/** The real site with the real guard on a real socket, over a journal in memory. */
export async function startConsoleSite(
  made: {
    readonly publicUrl?: string;
    readonly sso?: boolean;
    readonly monitorToken?: string;
    /** Names of tools that there are besides. */
    readonly tools?: readonly string[];
    /** In front of those of the site. */
    readonly rules?: readonly Rule[];
    /** A witness and a time stamping authority are set. */
    readonly witnessed?: boolean;
    /** What people press in Slack comes in here, by the endpoint or over a connection, and writes are decided there. */
    readonly slack?: 'endpoint' | 'connection';
  } = {},
) {
  const clock = new FakeClock();
  const random = seededRandom();
  const ledger = ledgerKnowing('files', [
    'write_file',
    'delete_file',
    'delete_customer',
    'move_file',
    'read_file',
    ...(made.tools ?? []),
  ]);
  const history = new History();
  const logged: string[] = [];
  const log = (line: string) => logged.push(line);
  const { fold, changes } = observedLedger(ledger, log);
  changes.subscribe((entry) => history.apply(entry));
  const journal = memoryJournal(fold, clock);
  const signed = signedLog(journal, clock, made);
  let directory = CONSOLE_PEOPLE;
  const people = () => directory;

  let app: ReturnType<typeof createReviewSite> | undefined;
  const serving = await serve({
    app: { fetch: (request, env) => app?.fetch(request, env) ?? new Response(null, { status: 503 }) },
    host: '127.0.0.1',
    port: 0,
    clock,
  });
  const base = `http://localhost:${serving.port}`;
  const origin = made.publicUrl ?? base;
  const append: Append = (drafts) => journal.append(drafts);
  const parts = { append, identities: () => ledger.identities, people, clock, random };
  const passkeys = createPasskeys({ origin: new URL(origin).origin });
  const enrolment = createEnrolment({ ...parts, passkeys, codeKey: Buffer.alloc(32, 2) });
  const sessions = createSessions(parts);
  const apiKeys = createApiKeys({ ...parts, access: () => ledger.reviewerAccess });
  const target: Target = {
    definition: async () => 'd1',
    given: async () => 'd1',
    send: async () => Verbatim.of({ content: [{ type: 'text', text: 'done' }] }),
    summarise: async (_, args) => `Delete ${typeof args['path'] === 'string' ? args['path'] : 'it'}.`,
  };
  const payloads = memoryPayloads();
  const secrets = memorySecrets();
  /** Whether, and how, the rules let Slack decide, where it is there at all. */
  const inSlack: { decided: boolean; reason: 'optional' | 'required' } = {
    decided: true,
    reason: 'optional',
  };
  /** The texts of definitions, by their digests. */
  const definitions = new Map<string, JsonObject>();
  const custody = createCustody({ journal, ledger, payloads, clock, random, log });
  const guard = createGuard({
    journal,
    ledger,
    history,
    payloads,
    secrets,
    policy: () => ({
      version: 'v1',
      unmatched: 'review',
      review:
        made.slack && inSlack.decided
          ? { ...CONSOLE_REVIEW, admits: ['slack'], reason: inSlack.reason }
          : CONSOLE_REVIEW,
      rules: [...(made.rules ?? []), ...RULES],
      people: directory,
    }),
    definitions: { read: (sha256) => definitions.get(sha256) },
    verifyAssertion: passkeys.verifyAssertion,
    reach: async () => target,
    checkInput: async () => ({ kind: 'valid' }),
    changes,
    clock,
    random,
    log,
    maxArgsBytes: 100_000,
    tagsOf: () => [],
  });
  const seals = createSeals(Buffer.alloc(32, 1), clock, random);
  const limits = createLimits();
  const accounts = createAccounts({ ...parts, access: () => ledger.reviewerAccess, seals });
  const slack = made.slack ? await startFakeSlack({ now: () => clock.now() }) : undefined;
  const slackDoor =
    slack &&
    (await openSlack({
      settings: {
        channels: {
          slack: {
            botToken: BOT_TOKEN,
            apiUrl: slack.apiUrl,
            ...(made.slack === 'endpoint' ? { signingSecret: SIGNING_SECRET } : { appToken: APP_TOKEN }),
          },
        },
      } as Settings,
      guard,
      reviewers: { accounts, limits, seals },
      publicUrl: origin,
      clock,
      random,
      log,
    }));
  const { sso, provider, started } = fakeSso(clock, people);
  const evidenceDesk = fakeEvidenceDesk();
  const policyText = { text: 'unmatched: review\n', problems: [] as string[] };
  const health: { trouble?: string } = {};
  const site = createReviewSite({
    reviews: guard.reviews,
    acceptance: guard.acceptance,
    evidence: guard.evidence,
    evidenceDesk,
    controls: async () => (await loadControls({})).mapping,
    publicUrl: origin,
    clock,
    random,
    seals,
    limits,
    ...(slackDoor ? { accounts } : {}),
    ...(slackDoor?.hook ? { slackHook: slackDoor.hook } : {}),
    sessions,
    enrolment,
    apiKeys,
    metrics: createMetricsReader({
      ledger,
      journal: { head: () => ({ size: journal.entries.length }) },
      streams: { states: () => [] },
      clock,
    }),
    passkeys,
    ...(made.sso ? { sso } : {}),
    people,
    identities: () => ledger.identities,
    history,
    policy: async () => ({
      version: 'v1',
      files: [
        { file: 'policies/people.yaml', text: 'people: []\n' },
        { file: 'policies/rules.yaml', text: policyText.text },
      ],
      problems: policyText.problems,
    }),
    journal: () => ({ entries: journal.entries.length, ...health }),
    tlog: signed.served,
    onEntry: (listener) => changes.subscribe(listener),
    health: () => ({ ready: true }),
    log,
  });
  app = site;

  const ask = (path: string, asking: Asking = {}): Promise<RawAnswer> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: serving.port,
          path,
          method: asking.method ?? 'GET',
          headers: { host: new URL(origin).host, ...HTML, ...asking.headers },
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            const { statusCode: status = 0, headers } = response;
            resolve({ status, headers, bytes, text: bytes.toString('utf8') });
          });
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(asking.body);
    });

  /** Enrols a person's key as if they had been invited. */
  const enrol = async (person: string): Promise<Authenticator> => {
    const key = createAuthenticator({ origin: new URL(origin).origin, rpId: passkeys.rpId });
    await journal.append(key.enrolment(person, new Date(clock.now()).toISOString()));
    return key;
  };

  /** Makes a call that is held. @returns the request's id */
  const call = async (tool = 'write_file', args: JsonObject = { path: '/srv/report.md' }) => {
    const offered: OfferedTool = {
      name: `files__${tool}`,
      server: 'files',
      tool,
      definition: { name: tool, inputSchema: { type: 'object' } },
      definition_sha256: 'd1',
      tags: [],
      summarises: tool.startsWith('delete_'),
    };
    const answer = await guard.intercept.call({
      caller: { agent: 'claude-desktop', session: 'ses_1', identity: 'claimed' },
      tool: offered,
      args,
      signal: new AbortController().signal,
    });
    if (answer.kind !== 'pending') throw new Error(`not held: ${JSON.stringify(answer)}`);
    return answer.approval.approval_id;
  };

  /** Invites a person and mails the link, as the outbox would. */
  const invite = async (person: string, by = 'operator') => {
    const { invitation, code } = await enrolment.invite(person, by);
    return { invitation: invitation.id, code, token: await mail(invitation.id) };
  };
  const mail = async (invitation: string): Promise<string> => {
    const { token, sha256 } = mintLink(random);
    if (ledger.identities.invitation(invitation)?.needs_approval) return token;
    const expires_at = new Date(clock.now() + 24 * 60 * 60_000).toISOString();
    await journal.append([
      { type: 'passkey.invitation_linked', invitation, link_sha256: sha256 },
      { type: 'passkey.invitation_sent', invitation, channel: 'fake', message_id: '<1@fake>', expires_at },
    ]);
    return token;
  };

  return {
    clock,
    journal,
    signed,
    ledger,
    guard,
    definitions,
    evidenceDesk,
    custody,
    history,
    sessions,
    enrolment,
    apiKeys,
    base,
    origin,
    logged,
    policyText,
    health,
    provider,
    started,
    ask,
    enrol,
    call,
    invite,
    site,
    setPeople: (next: People) => {
      directory = next;
    },
    async link(requestId: string, reviewer: string): Promise<string> {
      const { token, sha256 } = mintLink(random);
      await guard.update(requestId, () => [
        { type: 'link.issued', request_id: requestId, reviewer, link_sha256: sha256 },
      ]);
      return token;
    },
    accounts,
    slack,
    slackDoor,
    inSlack,
    close: async () => {
      site.close();
      await slackDoor?.close();
      await slack?.close();
      await serving.close();
    },
  };
}

export type ConsoleSite = Awaited<ReturnType<typeof startConsoleSite>>;

/** Runs a test against a site of its own. */
export function withConsole(
  run: (site: ConsoleSite) => Promise<void>,
  made: Parameters<typeof startConsoleSite>[0] = {},
): () => Promise<void> {
  return async () => {
    const site = await startConsoleSite(made);
    try {
      await run(site);
    } finally {
      await site.close();
    }
  };
}
