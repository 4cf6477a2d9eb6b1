import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { shortMarks } from '../../src/core/secret-marks.ts';
import { readSecretPath } from '../../src/core/secret-paths.ts';
import { createContents } from '../../src/guard/contents.ts';
import type { Answer } from '../../src/guard/ports.ts';
import { createRepeats, repeatKey } from '../../src/guard/repeats.ts';
import { guardBench, idOf, policyOf, reviewRule, type GuardBench } from '../support/guard.ts';

const KEY = 'AKIAIOSFODNN7EXAMPLQ';
const PASSWORD = 'Korrekt-Pferd';
const ARGS = { path: '/srv/a', password: PASSWORD, text: `key ${KEY} and ${PASSWORD}` };
const SCHEMA = { properties: { password: { type: 'string', format: 'password' } } };
const DEFINITION = { inputSchema: SCHEMA };

const path = (text: string) => {
  const read = readSecretPath(text);
  if (!read) throw new Error(`${text} is no path.`);
  return read;
};
const hold = async (bench: GuardBench, args: JsonObject = ARGS): Promise<string> =>
  idOf(await bench.call(args, { definition: DEFINITION }));

/** Everything that is kept for good. */
async function kept(bench: GuardBench): Promise<string> {
  const refs = bench.journal.entries.flatMap((entry) =>
    ['args_commit', 'card_digest', 'result_commit'].flatMap((name) =>
      name in entry ? [String(entry[name as never])] : [],
    ),
  );
  const texts = await Promise.all(
    refs.map(async (commit) => Buffer.from(await bench.payloads.get({ commit })).toString()),
  );
  return [JSON.stringify(bench.journal.entries), ...texts, ...bench.log].join('\n');
}

function free(text: string): void {
  for (const secret of [KEY, PASSWORD]) assert.not.match(text, secret);
}

async function approve(bench: GuardBench, id: string): Promise<void> {
  await bench.decide(await bench.link(id, 'alice'), 'approve');
  await bench.settle();
}

const shown = (value: Json): Json => JSON.parse(shortMarks(JSON.stringify(value))) as Json;
const resultOf = (answer: Answer): Json => {
  if (answer.kind !== 'result') throw new Error(JSON.stringify(answer));
  return answer.result.value;
};

test('a held call keeps its secrets apart, sends them as they were, and has them erased when it has ended', async () => {
  const bench = guardBench();
  const id = await hold(bench);
  assert.is(bench.secrets.kept.size, 1);
  free(await kept(bench));
  const view = await bench.guard.reviews.view({ kind: 'link', token: await bench.link(id, 'carol') });
  assert.equal(shown(view.args), {
    path: '/srv/a',
    password: '[secret: marked by the tool, 8 to 15 characters]',
    text: 'key [secret: AWS key, 16 to 31 characters] and [secret: seen in the arguments, 8 to 15 characters]',
  });
  await approve(bench, id);
  assert.equal(bench.sent, [{ tool: 'write_file', args: ARGS }]);
  assert.is(bench.secrets.kept.size, 0);
  assert.is(bench.types().filter((type) => type === 'secret.erased').length, 1);
  free(await kept(bench));
});

test('what the tool says in its own words is rid of secrets, and so is what the agent says', async () => {
  const bench = guardBench();
  const id = idOf(await bench.call(ARGS, { definition: DEFINITION, said: `because of ${PASSWORD}` }));
  const { card } = await bench.guard.reviews.view({ kind: 'link', token: await bench.link(id, 'alice') });
  assert.is(card.said, 'because of [secret: seen in the arguments, 8 to 15 characters]');
});

for (const [how, end] of [
  ['rejected', async (bench, id) => void (await bench.decide(await bench.link(id, 'alice'), 'reject'))],
  ['expired', async (bench) => bench.clock.advance(31 * 60_000)],
  ['cancelled', async (bench, id) => void (await bench.guard.intercept.cancel(CALLER, id))],
] as readonly (readonly [string, (bench: GuardBench, id: string) => Promise<void>])[]) {
  test(`nothing is kept of the secrets of a call that was ${how}`, async () => {
    const bench = guardBench();
    const id = await hold(bench);
    await end(bench, id);
    await bench.settle();
    assert.is(bench.ledger.request(id)?.phase.kind, how);
    assert.is(bench.ledger.request(id)?.secrets, undefined);
    assert.is(bench.secrets.kept.size, 0);
  });
}

const CALLER = { agent: 'claude', session: 'ses_1', identity: 'claimed' } as const;

test('an outcome that nobody knows keeps no secrets', async () => {
  const bench = guardBench();
  bench.answer = async () => {
    throw new Error(`It broke off at ${PASSWORD}.`);
  };
  const id = await hold(bench);
  await approve(bench, id);
  const { phase } = bench.ledger.request(id) ?? {};
  assert.equal(
    phase?.kind === 'outcome_unknown' ? phase.detail : phase?.kind,
    'It broke off at [secret: seen in the arguments, 8 to 15 characters].',
  );
  assert.is(bench.secrets.kept.size, 0);
});

test('allowed and denied calls keep nothing of their secrets, and the agent is given the result as it came', async () => {
  const bench = guardBench(
    policyOf({
      rules: [
        {
          ...reviewRule(),
          id: 'r',
          match: { tool: (tool) => tool === 'read_file' },
          verdict: 'allow',
          secret: [path('args.q'), path('result.structuredContent.code')],
        },
        {
          ...reviewRule(),
          id: 'd',
          match: { tool: (tool) => tool === 'move_file' },
          verdict: 'deny',
          secret: [path('args.q')],
        },
      ],
    }),
  );
  bench.answer = async () => ({
    content: [{ type: 'text', text: `{"code":"zweiundvierzig","key":"${KEY}"}` }],
    structuredContent: { code: 'zweiundvierzig', echo: PASSWORD },
  });
  const answer = await bench.call({ q: PASSWORD, k: KEY }, { tool: 'read_file' });
  assert.equal(resultOf(answer), {
    content: [{ type: 'text', text: `{"code":"zweiundvierzig","key":"${KEY}"}` }],
    structuredContent: { code: 'zweiundvierzig', echo: PASSWORD },
  });
  await bench.call({ q: PASSWORD }, { tool: 'move_file' });
  await bench.settle();
  assert.equal(bench.sent, [{ tool: 'read_file', args: { q: PASSWORD, k: KEY } }]);
  assert.is(bench.secrets.kept.size, 0);
  const all = await kept(bench);
  free(all);
  assert.not.match(all, 'zweiundvierzig');
  assert.equal(
    bench.types().filter((type) => type.startsWith('secret.')),
    [],
  );
});

test('a condition that fails makes secret what its rule calls so', async () => {
  const rule = { ...reviewRule(), verdict: 'allow' as const, secret: [path('args.q')] };
  const bench = guardBench(
    policyOf({
      rules: [
        {
          ...rule,
          when: () => {
            throw new Error('no such key');
          },
        },
      ],
    }),
  );
  await bench.call({ q: PASSWORD });
  await bench.settle();
  free(await kept(bench));
});

test('the result of a held call is given once as it came, and is masked from then on', async () => {
  const bench = guardBench();
  const result = { content: [], structuredContent: { password: PASSWORD } };
  bench.answer = async () => result;
  const id = await hold(bench);
  await approve(bench, id);
  assert.is(bench.secrets.kept.size, 1);
  free(await kept(bench));
  const ask = () => bench.guard.intercept.status(CALLER, id, 0, new AbortController().signal);
  assert.equal(resultOf(await ask()), result);
  await bench.settle();
  assert.is(bench.secrets.kept.size, 0);
  assert.equal(shown(resultOf(await ask())), {
    content: [],
    structuredContent: { password: '[secret: seen in the arguments, 8 to 15 characters]' },
  });
});

test('a result that nobody fetches is masked after a week', async () => {
  const bench = guardBench();
  bench.answer = async () => ({ content: [{ type: 'text', text: KEY }] });
  await approve(bench, await hold(bench));
  assert.is(bench.secrets.kept.size, 1);
  bench.clock.advance(7 * 24 * 60 * 60_000);
  await bench.settle();
  assert.is(bench.secrets.kept.size, 0);
});

test('what is erased on an order takes the result with it that waits for its agent', async () => {
  const bench = guardBench();
  bench.answer = async () => ({ content: [{ type: 'text', text: KEY }] });
  const id = await hold(bench);
  await approve(bench, id);
  await bench.custody.erase(id, { reason: 'Asked.', by: 'operator' });
  await bench.settle();
  assert.is(bench.secrets.kept.size, 0);
});

test('an approved call is void when its secrets were changed or are gone', async () => {
  for (const tamper of [
    (bench: GuardBench, commit: string) => bench.secrets.kept.delete(commit),
    (bench: GuardBench, commit: string) => {
      const text = Buffer.from(bench.secrets.kept.get(commit) ?? []).toString();
      bench.secrets.kept.set(commit, Buffer.from(text.replaceAll(PASSWORD, 'another-password')));
    },
    (bench: GuardBench, commit: string) =>
      bench.secrets.kept.set(commit, Buffer.from('{"v":1,"secrets":[]}')),
  ]) {
    const bench = guardBench();
    const id = await hold(bench);
    const [commit = ''] = bench.secrets.kept.keys();
    tamper(bench, commit);
    await approve(bench, id);
    assert.is(bench.ledger.request(id)?.phase.kind, 'voided');
    assert.equal(bench.sent, []);
    assert.not.ok(bench.types().includes('execution.started'));
  }
});

test('the same call is the same request after a restart while its secrets are kept; another secret is another call', async () => {
  const bench = guardBench();
  const id = await hold(bench);
  assert.is(await hold(bench), id);
  assert.is.not(await hold(bench, { ...ARGS, password: 'Korrekt-Pfarr' }), id);
  const repeats = createRepeats({ ledger: bench.ledger, log: () => undefined });
  await repeats.restore(createContents(bench.payloads, bench.secrets));
  const tool = { server: 'files', tool: 'write_file', definition_sha256: 'd1' };
  assert.is(repeats.find(repeatKey('claude', tool, ARGS))?.id, id);
  assert.is(repeats.find(repeatKey('claude', tool, { ...ARGS, password: 'x' })), undefined);
});

test('what a crash left behind that no entry names is erased at the start, and what is owed is', async () => {
  const bench = guardBench();
  const id = await hold(bench);
  bench.secrets.breakErasing('the disk is full');
  await bench.guard.intercept.cancel(CALLER, id);
  await bench.settle();
  assert.is(bench.secrets.kept.size, 1);
  assert.match(bench.log.join('\n'), `The secrets of ${id} are not erased yet, and it is tried again`);
  assert.is(bench.ledger.request(id)?.secrets?.args, [...bench.secrets.kept.keys()][0]);
  bench.secrets.kept.set('orphan', Buffer.from(PASSWORD));
  bench.secrets.breakErasing(undefined);
  await bench.guard.recover();
  await bench.settle();
  assert.is(bench.secrets.kept.size, 0);
  assert.is(bench.ledger.request(id)?.secrets, undefined);
});

test('erasing that fails is tried again by itself', async () => {
  const bench = guardBench();
  const id = await hold(bench);
  bench.secrets.breakErasing('the disk is full');
  await bench.guard.intercept.cancel(CALLER, id);
  await bench.settle();
  bench.secrets.breakErasing(undefined);
  bench.clock.advance(1000);
  await bench.settle();
  assert.is(bench.secrets.kept.size, 0);
});

test('a call that cannot be journalled leaves no secrets behind', async () => {
  const bench = guardBench();
  bench.journal.break('the disk is full');
  const answer = await bench.call(ARGS, { definition: DEFINITION });
  assert.is(answer.kind, 'refused');
  assert.is(bench.secrets.kept.size, 0);
});

test("a reviewer's reason that quotes a secret is journalled without it", async () => {
  const bench = guardBench();
  const id = await hold(bench);
  await bench.decide(await bench.link(id, 'alice'), 'reject', `${PASSWORD} is too weak`);
  free(await kept(bench));
});

test('rules judge the secrets themselves, and not their marks', async () => {
  const rule = {
    ...reviewRule(),
    when: ({ args }: { args: Json }) => (args as JsonObject)['password'] === PASSWORD,
  };
  const bench = guardBench(policyOf({ rules: [rule], unmatched: 'deny' }));
  const id = await hold(bench);
  await approve(bench, id);
  assert.is(bench.ledger.request(id)?.phase.kind, 'succeeded');
});

test.run();
