import { createHmac } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import { memorySecrets } from '../support/memory-journal.ts';
import * as assert from 'uvu/assert';
import { sha256 } from '../../src/core/digest.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { canonicalJson } from '../../src/core/json.ts';
import { Ledger } from '../../src/core/ledger.ts';
import { mintLink } from '../../src/core/link.ts';
import { Verbatim } from '../../src/core/verbatim.ts';
import { createCustody } from '../../src/guard/custody.ts';
import { createGuard } from '../../src/guard/guard.ts';
import type { IncomingCall, OfferedTool, Target } from '../../src/guard/ports.ts';
import { observedLedger } from '../../src/host/changes.ts';
import { openHistory } from '../../src/host/history-file.ts';
import { systemRandom as random } from '../../src/host/system.ts';
import { openJsonlJournal } from '../../src/journal/jsonl.ts';
import { openWorkspaceKeys, readWorkspaceKeys } from '../../src/journal/keys.ts';
import { openPayloadFiles } from '../../src/journal/payload-files.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { FakeClock } from '../support/clock.ts';
import { fakeVerifyAssertion } from '../support/fake-assertions.ts';
import { attack } from '../support/guess-attack.ts';
import { idOf, policyOf, reviewRule, signed, signedOn } from '../support/guard.ts';
import { tempDir } from '../support/temp.ts';

const PIN = '0427';
const WORD = { reason: 'She asked us to.', by: 'operator' };
const DEFINITION = { name: 'set_pin', inputSchema: { type: 'object' } };
const DEFINITION_SHA256 = 'd'.repeat(64);
const LONG = 'The PIN is told at length. '.repeat(1000);

const argsOf = (pin: string): JsonObject => ({ pin });
const longArgsOf = (pin: string): JsonObject => ({ pin, text: LONG });
const resultOf = (pin: string): JsonObject => ({
  content: [{ type: 'text', text: `The PIN is ${pin} now.` }],
});
const summaryOf = (pin: string): string => `Set the PIN to ${pin}.`;

const pinIn = ({ pin }: JsonObject): string => (typeof pin === 'string' ? pin : '');

/** Real files below `data`, and a guard over them. */
async function openData(dir: string) {
  const clock = new FakeClock();
  const log: string[] = [];
  const keys = await openWorkspaceKeys(join(dir, 'keys'), random);
  const ledger = new Ledger();
  const { fold, changes } = observedLedger(ledger, (line) => log.push(line));
  const journal = await openJsonlJournal({
    dir: join(dir, 'journal'),
    clock,
    random,
    node: 'nod_1',
    fold,
    snapshotKey: keys.derive('snapshot'),
    software: '0.0.0',
  });
  for (const tool of ['set_pin', 'try_pin', 'no_pin'])
    if (!ledger.definitions.get('bank', tool))
      await journal.append([
        { type: 'tool.registered', server: 'bank', tool, definition_sha256: DEFINITION_SHA256 },
      ]);
  const payloads = openPayloadFiles({
    dir: join(dir, 'payloads'),
    key: keys.derive('payloads'),
    clock,
    random,
  });
  const { history, close } = await openHistory({
    dir,
    key: keys.derive('history'),
    journal,
    changes,
    clock,
    log: (line) => log.push(line),
    software: '0.0.0',
  });
  const target: Target = {
    definition: async () => DEFINITION_SHA256,
    given: async () => DEFINITION_SHA256,
    send: async ({ args }) => Verbatim.of(resultOf(pinIn(args.value))),
    summarise: async (_, args) => summaryOf(pinIn(args)),
  };
  const people = {
    people: [
      { id: 'alice', name: 'Alice', emails: ['alice@example.com'] },
      {
        id: 'carol',
        name: 'Carol',
        emails: ['carol@example.com'],
        sso: [{ issuer: 'https://id.example.com', subject: 'c' }],
      },
      { id: 'bob', name: 'Bob', emails: ['bob@example.com'] },
    ],
    groups: { ops: ['alice', 'carol'] },
    agents: [{ id: 'claude', owner: 'bob' }],
  };
  const rule = (tool: string, verdict: 'allow' | 'deny' | 'review') => ({
    ...reviewRule(),
    id: tool,
    match: { tool: (name: string) => name === tool },
    verdict,
  });
  const policy = policyOf({
    people,
    rules: [rule('set_pin', 'review'), rule('try_pin', 'allow'), rule('no_pin', 'deny')] as never,
  });
  const guard = createGuard({
    journal,
    ledger,
    payloads,
    secrets: memorySecrets(),
    policy: () => policy,
    history,
    definitions: { read: () => undefined },
    verifyAssertion: fakeVerifyAssertion,
    reach: async () => target,
    checkInput: async () => ({ kind: 'valid' }),
    changes,
    clock,
    random,
    log: (line) => log.push(line),
    maxArgsBytes: 1_000_000,
    tagsOf: () => [],
  });
  const custody = createCustody({ journal, ledger, payloads, clock, random, log: (line) => log.push(line) });
  const call = (tool: string, args: JsonObject) => guard.intercept.call(incoming(tool, args));
  return {
    clock,
    journal,
    ledger,
    guard,
    custody,
    call,
    log,
    async close() {
      // What the host writes about itself stands in its log, below the same folder.
      mkdirSync(join(dir, 'run'), { recursive: true });
      writeFileSync(join(dir, 'run/host.log'), log.join('\n'));
      await guard.drain();
      await custody.close();
      await close();
      await payloads.close();
      await journal.close();
    },
  };
}

function incoming(tool: string, args: JsonObject): IncomingCall {
  const offered: OfferedTool = {
    name: `bank__${tool}`,
    server: 'bank',
    tool,
    definition: DEFINITION,
    definition_sha256: DEFINITION_SHA256,
    tags: [],
    summarises: true,
  };
  return {
    caller: { agent: 'claude', session: 'ses_1', identity: 'claimed' },
    tool: offered,
    args,
    signal: new AbortController().signal,
    said: `I set it to ${PIN}, as I was told.`,
  };
}

type Data = Awaited<ReturnType<typeof openData>>;

/** Waits until the request has come to this, which goes over real files. */
async function reached(data: Data, id: string, kind: string): Promise<void> {
  while (data.ledger.request(id)?.phase.kind !== kind) await new Promise((resolve) => setImmediate(resolve));
}

/** One call of every kind, decided in every way. @returns the folder, and the cards as they were */
async function lived(): Promise<{ readonly dir: string; readonly cards: readonly string[] }> {
  const dir = join(tempDir(), 'data');
  const data = await openData(dir);
  const { journal, guard, ledger } = data;
  const key = createAuthenticator();
  const ids: string[] = [];
  const ask = async (args: JsonObject): Promise<string> => {
    const id = idOf(await data.call('set_pin', args));
    ids.push(id);
    return id;
  };
  const common = async (id: string, person: string) => {
    const view = await guard.reviews.view({ kind: 'session', person, request_id: id });
    return {
      access: { kind: 'session', person, request_id: id },
      decision: 'approve',
      reason: '',
      card_digest: view.request.card_digest,
      opened_at: view.opened_at,
      seen: ['text', 'pin'],
    } as const;
  };

  const byLink = await ask(argsOf(PIN));
  const { token, sha256: link_sha256 } = mintLink(random);
  await guard.update(byLink, () => [
    { type: 'link.issued', request_id: byLink, reviewer: 'alice', link_sha256 },
  ]);
  await guard.update(byLink, () => [
    {
      type: 'notice.sent',
      request_id: byLink,
      reviewer: 'alice',
      channel: 'email',
      notice: 'ask',
      message_id: '<ask@example.com>',
    },
  ]);
  await guard.reviews.decide({
    ...(await common(byLink, 'alice')),
    access: { kind: 'link', token },
    proof: { kind: 'typed', confirm: 'set_pin' },
  });
  await reached(data, byLink, 'succeeded');
  const told = await guard.intercept.status(
    { agent: 'claude', session: 'ses_1', identity: 'claimed' },
    byLink,
    0,
    new AbortController().signal,
  );
  assert.is(told.kind, 'result');

  await journal.append(key.enrolment('alice', new Date(data.clock.now()).toISOString()));
  const byKey = await ask(longArgsOf(PIN));
  const { action_digest = '', card_digest = '' } = ledger.request(byKey) ?? {};
  const act = {
    act: 'decide',
    request_id: byKey,
    action_digest,
    card_digest,
    decision: 'approve',
    reviewer: 'alice',
    nonce: 'bm9uY2U',
  } as const;
  await guard.reviews.decide({ ...(await common(byKey, 'alice')), proof: signed(key, act) });
  await reached(data, byKey, 'succeeded');

  const bySignOn = await ask({ ...argsOf(PIN), again: true });
  const proof = signedOn('c', '2026-11-23T10:00:00.000Z');
  await guard.reviews.decide({
    ...(await common(bySignOn, 'carol')),
    decision: 'reject',
    proof: { ...proof, confirm: 'set_pin' },
  });
  await reached(data, bySignOn, 'rejected');

  assert.is((await data.call('try_pin', argsOf(PIN))).kind, 'result');
  assert.is((await data.call('no_pin', argsOf(PIN))).kind, 'refused');
  await journal.append([
    { type: 'tool.registered', server: 'bank', tool: 'x', definition_sha256: DEFINITION_SHA256 },
  ]);

  // The end of an allowed call rides on a later sync.
  while ([...ledger.openCalls()].length > 0) {
    data.clock.advance(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const cards = await Promise.all(
    ids.map(async (id) => {
      const request = ledger.request(id);
      if (!request) throw new Error('There is no request.');
      return JSON.stringify((await guard.content(request)).card);
    }),
  );
  await data.close();
  return { dir, cards };
}

async function erasedAll(dir: string): Promise<void> {
  const data = await openData(dir);
  data.clock.advance(10 * 24 * 60 * 60 * 1000);
  const { calls, payloads } = await data.custody.retain({
    before: '2026-11-30T00:00:00.000Z',
    dry_run: false,
    ...WORD,
  });
  assert.equal([calls, payloads], [5, 11]);
  await data.close();
}

/** @param all whether every PIN is tried, or a hundred with the right one among them */
const guessing = (dir: string, cards: readonly string[], all = false) => ({
  dir,
  guesses: Array.from({ length: all ? 10_000 : 100 }, (_, number) =>
    String(all ? number : number + 400).padStart(4, '0'),
  ),
  payloadsOf: (guess: string) => [
    guess,
    argsOf(guess),
    { ...argsOf(guess), again: true },
    resultOf(guess),
    { result: resultOf(guess) },
    // As the repeated call is told, which is kept in memory alone.
    ['claude', 'bank', 'set_pin', DEFINITION_SHA256, argsOf(guess)],
    ['claude', 'bank', 'try_pin', DEFINITION_SHA256, argsOf(guess)],
    { name: 'set_pin', arguments: argsOf(guess) },
    {
      agent: 'claude',
      owner: 'bob',
      server: 'bank',
      tool: 'set_pin',
      definition_sha256: DEFINITION_SHA256,
      args: argsOf(guess),
    },
    ...cards.map((card) => card.replaceAll(PIN, guess)),
    summaryOf(guess),
  ],
  telltale: [
    `"pin":"${PIN}"`,
    summaryOf(PIN),
    `The PIN is ${PIN} now.`,
    `I set it to ${PIN}`,
    'told at length. The PIN',
  ],
});

const { dir, cards } = await lived();

test('before it is erased, the key of the workspace opens it, and nothing else gives it away', async () => {
  const found = await attack(guessing(dir, cards));
  assert.ok(found.length > 0);
  assert.ok(
    found.every((each) => /^payloads.*has a payload that opens$/.test(each)),
    found.join('; '),
  );
});

test('when it is erased, nobody finds it with all that is left, the key included', async () => {
  await erasedAll(dir);
  assert.equal(await attack(guessing(dir, cards, true)), []);
});

test('the history, the snapshot and the log of the host are among what was searched', () => {
  const names = readdirSync(dir, { recursive: true }).map(String);
  for (const name of ['history.json', 'journal/snapshot.json', 'run/host.log', 'keys/workspace.key'])
    assert.ok(names.includes(name), `${name} of ${names.join(' ')}`);
});

for (const [what, leak] of [
  ['a digest of the arguments', async () => sha256(canonicalJson(argsOf(PIN)))],
  [
    'a digest in base64',
    async () => Buffer.from(sha256(canonicalJson(argsOf(PIN))), 'hex').toString('base64'),
  ],
  [
    'a digest inside client data',
    async () =>
      Buffer.from(
        JSON.stringify({
          challenge: Buffer.from(sha256(canonicalJson(argsOf(PIN))), 'hex').toString('base64url'),
        }),
      ).toString('base64url'),
  ],
  ['a digest of the card', async () => sha256(cards[0] ?? '')],
  [
    'the key of a repeated call',
    async () => sha256(canonicalJson(['claude', 'bank', 'set_pin', DEFINITION_SHA256, argsOf(PIN)])),
  ],
  [
    'a keyed digest',
    async () =>
      createHmac('sha256', (await readWorkspaceKeys(join(dir, 'keys')))?.derive('history') ?? '')
        .update(canonicalJson(argsOf(PIN)))
        .digest('hex'),
  ],
  ['a commitment with an empty salt', async () => sha256(Buffer.alloc(32), JSON.stringify(argsOf(PIN)))],
  ['the words of a result', async () => `x${Buffer.from(JSON.stringify(resultOf(PIN))).toString('base64')}`],
] as const) {
  test(`the attack finds ${what}, where it is planted`, async () => {
    const planted = join(dir, 'planted.txt');
    writeFileSync(planted, `{"x":"${await leak()}"}`);
    try {
      assert.is.not((await attack(guessing(dir, cards))).length, 0);
    } finally {
      writeFileSync(planted, '');
    }
  });
}

test('no payload is named in the journal but by a commitment, and each is ordered to be erased', () => {
  const lines = readdirSync(join(dir, 'journal'))
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) =>
      readFileSync(join(dir, 'journal', name), 'utf8')
        .trim()
        .split('\n'),
    );
  const named = new Set(
    lines.flatMap((line) =>
      [...line.matchAll(/"(?:args_commit|card_digest|result_commit)":"([0-9a-f]{64})"/g)].map(
        ([, commit]) => commit,
      ),
    ),
  );
  const ordered = new Set(
    lines.flatMap((line) => [...line.matchAll(/"commit":"([0-9a-f]{64})"/g)].map(([, commit]) => commit)),
  );
  assert.is(named.size, 11);
  assert.equal(new Set([...named, ...ordered]).size, 11);
  assert.is(ordered.size, 11);
});

test.run();
