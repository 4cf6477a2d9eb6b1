import { sha256 } from '../../src/core/digest.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { challengeOf, type Act } from '../../src/core/challenge.ts';
import type { SignOnReceipt } from '../../src/core/entry.ts';
import { History } from '../../src/core/history.ts';
import type { Ledger } from '../../src/core/ledger.ts';
import { withSignOns } from '../../src/core/person.ts';
import type { Policy, Review, Rule } from '../../src/core/policy.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { createCustody, type CustodyCases } from '../../src/guard/custody.ts';
import { createGuard, type Guard } from '../../src/guard/guard.ts';
import type {
  Access,
  Answer,
  CheckInput,
  DecisionInput,
  IncomingCall,
  OfferedTool,
  Proof,
  ReviewView,
  Target,
} from '../../src/guard/ports.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { createAuthenticator, type Authenticator, type AuthenticatorOptions } from './authenticator.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { fakeVerifyAssertion } from './fake-assertions.ts';
import {
  memoryJournal,
  memoryPayloads,
  memorySecrets,
  type MemoryJournal,
  type MemoryPayloads,
  type MemorySecrets,
} from './memory-journal.ts';
import { ledgerKnowing } from './registered-tools.ts';

export const REVIEW: Review = {
  reviewers: ['group:ops'],
  quorum: 1,
  verification: 'link',
  expires_ms: 30 * 60_000,
  reason: 'optional',
  wait_ms: 0,
  timeout_ms: 5 * 60_000,
};

export const PEOPLE: Policy['people'] = {
  people: [
    { id: 'alice', name: 'Alice', emails: ['alice@example.com'] },
    { id: 'bob', name: 'Bob', emails: ['bob@example.com'] },
    { id: 'carol', name: 'Carol', emails: ['carol@example.com'] },
  ],
  groups: { ops: ['alice', 'bob', 'carol'] },
  agents: [
    { id: 'claude', owner: 'bob' },
    { id: 'other', owner: 'bob' },
  ],
};

export function reviewRule(review: Partial<Review> = {}): Rule {
  return {
    id: 'writes',
    match: { tool: (tool) => tool === 'write_file' },
    verdict: 'review',
    review: { ...REVIEW, ...review },
  };
}

export function policyOf(changes: Partial<Policy> = {}): Policy {
  return {
    version: 'v1',
    unmatched: 'allow',
    review: REVIEW,
    rules: [reviewRule()],
    people: PEOPLE,
    ...changes,
  };
}

export interface CallOptions {
  readonly tool?: string;
  readonly agent?: string;
  readonly signal?: AbortSignal;
  readonly said?: string;
  /** Members of the tool's definition. */
  readonly definition?: JsonObject;
  /** Its digest; `d1` is the one that was there before anything else. */
  readonly sha256?: string;
}

/** A guard on strict fakes, with its levers. */
export interface GuardBench {
  readonly guard: Guard;
  readonly custody: CustodyCases;
  readonly clock: FakeClock;
  readonly journal: MemoryJournal;
  readonly payloads: MemoryPayloads;
  readonly secrets: MemorySecrets;
  readonly ledger: Ledger;
  readonly history: History;
  readonly log: string[];
  /** What was sent to the downstream, in order. */
  readonly sent: { tool: string; args: JsonObject }[];
  policy: Policy;
  /** How the downstream answers. */
  answer: (args: JsonObject) => Promise<JsonObject>;
  /** The definition that the downstream gives at dispatch. */
  definition: string | undefined;
  /** The texts of definitions, by their digests. */
  readonly definitions: Map<string, JsonObject>;
  /** The tags of the tool when it is called. */
  tags: readonly string[];
  /** Thrown by `reach` while set. */
  unreachable: Error | undefined;
  check: Awaited<ReturnType<CheckInput>>;
  call(args?: JsonObject, options?: CallOptions): Promise<Answer>;
  /** Issues a link as the outbox would. @returns its token */
  link(requestId: string, reviewer: string): Promise<string>;
  decide(
    token: string,
    decision: 'approve' | 'reject',
    reason?: string,
    confirm?: string,
  ): Promise<ReviewView>;
  /** Decides by whatever access and proof, on the page as it is shown to that access. */
  decideBy(access: Access, proof: Proof, more?: Partial<DecisionInput>): Promise<ReviewView>;
  /** Gives a person a passkey, by invitation. */
  enrol(person: string, options?: AuthenticatorOptions): Promise<Authenticator>;
  /** What a person signs to decide on a request. */
  act(
    requestId: string,
    reviewer: string,
    more?: Partial<Extract<Act, { act: 'decide' }>>,
  ): Extract<Act, { act: 'decide' }>;
  types(): string[];
  /** Lets everything that can happen now happen. */
  settle(): Promise<void>;
}

export function guardBench(policy: Policy = policyOf()): GuardBench {
  const clock = new FakeClock();
  const ledger = ledgerKnowing('files', ['write_file', 'read_file', 'move_file']);
  const log: string[] = [];
  const { fold, changes } = observedLedger(ledger, (line) => log.push(line));
  const history = new History();
  changes.subscribe((entry) => history.apply(entry));
  const journal = memoryJournal(fold, clock);
  const payloads = memoryPayloads();
  const secrets = memorySecrets();
  const target: Target = {
    definition: async () => bench.definition,
    given: async () => bench.definition,
    async send({ tool, args }) {
      bench.sent.push({ tool, args: args.value });
      return Verbatim.of(await bench.answer(args.value));
    },
    summarise: async () => 'A summary.',
  };
  const guard = createGuard({
    journal,
    ledger,
    payloads,
    secrets,
    policy: ({ since, signOn } = {}) => ({
      ...bench.policy,
      people: withSignOns(
        bench.policy.people,
        [...ledger.identities.signOns(), ...(signOn ? [signOn] : [])],
        since,
      ),
    }),
    history,
    definitions: { read: (sha256) => bench.definitions.get(sha256) },
    verifyAssertion: fakeVerifyAssertion,
    async reach() {
      if (bench.unreachable) throw bench.unreachable;
      return target;
    },
    checkInput: async () => bench.check,
    changes,
    clock,
    random: seededRandom(),
    log: (line) => log.push(line),
    maxArgsBytes: 1000,
    tagsOf: () => [],
  });
  const custody = createCustody({
    journal,
    ledger,
    payloads,
    clock,
    random: seededRandom(7),
    log: (line) => log.push(line),
  });
  let links = 0;
  let acts = 0;
  const bench: GuardBench = {
    guard,
    custody,
    clock,
    journal,
    payloads,
    secrets,
    ledger,
    history,
    log,
    sent: [],
    policy,
    answer: async () => ({ content: [{ type: 'text', text: 'done' }] }),
    definition: 'd1',
    definitions: new Map(),
    tags: [],
    unreachable: undefined,
    check: { kind: 'valid' },
    call(args = { path: '/srv/a' }, options = {}) {
      const { tool = 'write_file', agent = 'claude', signal, said, definition = {}, sha256 = 'd1' } = options;
      const call = incoming(tool, agent, args, signal);
      return guard.intercept.call({
        ...call,
        ...(said === undefined ? {} : { said }),
        tool: {
          ...call.tool,
          tags: bench.tags,
          definition_sha256: sha256,
          definition: { ...call.tool.definition, ...definition },
        },
      });
    },
    async link(requestId, reviewer) {
      links += 1;
      const token = `token-${links}`;
      await guard.update(requestId, () => [
        { type: 'link.issued', request_id: requestId, reviewer, link_sha256: sha256(token) },
      ]);
      return token;
    },
    decide: (token, decision, reason = '', confirm = 'write_file') =>
      bench.decideBy({ kind: 'link', token }, { kind: 'typed', confirm }, { decision, reason }),
    async decideBy(access, proof, more = {}) {
      const view = await guard.reviews.view(access);
      return guard.reviews.decide({
        access,
        proof,
        decision: 'approve',
        reason: '',
        card_digest: view.request.card_digest,
        opened_at: view.opened_at,
        seen: [],
        ...more,
      });
    },
    async enrol(person, options) {
      const key = createAuthenticator(options);
      await journal.append(key.enrolment(person, new Date(clock.now()).toISOString()));
      return key;
    },
    act(requestId, reviewer, more = {}) {
      const request = ledger.request(requestId);
      acts += 1;
      return {
        act: 'decide',
        request_id: requestId,
        action_digest: request?.action_digest ?? '',
        card_digest: request?.card_digest ?? '',
        decision: 'approve',
        reviewer,
        nonce: `nonce-${acts}`,
        ...more,
      };
    },
    types: () => journal.entries.map((entry) => entry.type),
    async settle() {
      for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
    },
  };
  return bench;
}

function incoming(tool: string, agent: string, args: JsonObject, signal?: AbortSignal): IncomingCall {
  const offered: OfferedTool = {
    name: `files__${tool}`,
    server: 'files',
    tool,
    definition: { name: tool, inputSchema: { type: 'object' } },
    definition_sha256: 'd1',
    tags: [],
    summarises: false,
  };
  return {
    caller: { agent, session: 'ses_1', identity: 'claimed' },
    tool: offered,
    args,
    signal: signal ?? new AbortController().signal,
  };
}

/** The proof that a passkey gives for an act. */
export function signed(
  key: Authenticator,
  act: Act,
  nonce = act.nonce,
): Proof & { readonly kind: 'passkey' } {
  return { kind: 'passkey', assertion: key.assert(challengeOf(act)), nonce };
}

/** The proof of a sign-on at `auth_time` (RFC 3339); each has a token of its own unless one is given. */
export function signedOn(
  subject: string,
  authTime: string,
  more: Partial<SignOnReceipt> = {},
): Proof & { readonly kind: 'sso' } {
  return {
    kind: 'sso',
    confirm: 'write_file',
    sign_on: {
      kind: 'sso',
      issuer: 'https://id.example.com',
      subject,
      auth_time: authTime,
      groups: [],
      id_token_sha256: sha256(`${subject} ${authTime}`),
      ...more,
    },
  };
}

/** The id in a pending answer. */
export function idOf(answer: Answer): string {
  if (answer.kind !== 'pending') throw new Error(`Expected a pending answer, got ${JSON.stringify(answer)}`);
  return answer.approval.approval_id;
}

/** The code of what a promise fails with. */
export async function codeOf(failing: Promise<unknown>): Promise<string> {
  try {
    await failing;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing was thrown';
}
