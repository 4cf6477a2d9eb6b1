import { sha256 } from '../../src/core/digest.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { Policy, Review, Rule } from '../../src/core/policy.ts';
import { createGuard, type Guard } from '../../src/guard/guard.ts';
import type { Answer, CheckInput, IncomingCall, OfferedTool, Target } from '../../src/guard/ports.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { FakeClock, seededRandom } from './clock.ts';
import { memoryJournal, memoryPayloads, type MemoryJournal } from './memory-journal.ts';

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

/** A guard on strict fakes, with its levers. */
export interface GuardBench {
  readonly guard: Guard;
  readonly clock: FakeClock;
  readonly journal: MemoryJournal;
  readonly ledger: Ledger;
  readonly log: string[];
  /** What was sent to the downstream, in order. */
  readonly sent: { tool: string; args: JsonObject }[];
  policy: Policy;
  /** How the downstream answers. */
  answer: (args: JsonObject) => Promise<JsonObject>;
  /** The definition that the downstream gives at dispatch. */
  definition: string | undefined;
  /** The tags of the tool when it is called. */
  tags: readonly string[];
  /** Thrown by `reach` while set. */
  unreachable: Error | undefined;
  check: Awaited<ReturnType<CheckInput>>;
  call(args?: JsonObject, options?: { tool?: string; agent?: string; signal?: AbortSignal }): Promise<Answer>;
  /** Issues a link as the outbox would. @returns its token */
  link(requestId: string, reviewer: string): Promise<string>;
  decide(token: string, decision: 'approve' | 'reject', reason?: string, confirm?: string): Promise<unknown>;
  types(): string[];
  /** Lets everything that can happen now happen. */
  settle(): Promise<void>;
}

export function guardBench(policy: Policy = policyOf()): GuardBench {
  const clock = new FakeClock();
  const ledger = new Ledger();
  const log: string[] = [];
  const { fold, changes } = observedLedger(ledger, (line) => log.push(line));
  const journal = memoryJournal(fold, clock);
  const target: Target = {
    definition: async () => bench.definition,
    async send({ tool, args }) {
      bench.sent.push({ tool, args });
      return bench.answer(args);
    },
    summarise: async () => 'A summary.',
  };
  const guard = createGuard({
    journal,
    ledger,
    payloads: memoryPayloads(),
    policy: () => bench.policy,
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
  let links = 0;
  const bench: GuardBench = {
    guard,
    clock,
    journal,
    ledger,
    log,
    sent: [],
    policy,
    answer: async () => ({ content: [{ type: 'text', text: 'done' }] }),
    definition: 'd1',
    tags: [],
    unreachable: undefined,
    check: { kind: 'valid' },
    call: (args = { path: '/srv/a' }, { tool = 'write_file', agent = 'claude', signal } = {}) =>
      guard.intercept.call({
        ...incoming(tool, agent, args, signal),
        tool: { ...incoming(tool, agent, args).tool, tags: bench.tags },
      }),
    async link(requestId, reviewer) {
      links += 1;
      const token = `token-${links}`;
      await guard.update(requestId, () => [
        { type: 'link.issued', request_id: requestId, reviewer, link_sha256: sha256(token) },
      ]);
      return token;
    },
    async decide(token, decision, reason = '', confirm = 'write_file') {
      const view = await guard.reviews.view(token);
      return guard.reviews.decide({
        token,
        decision,
        reason,
        confirm,
        card_digest: view.request.card_digest,
        opened_at: view.opened_at,
      });
    },
    types: () => journal.entries.map((entry) => entry.type),
    async settle() {
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
