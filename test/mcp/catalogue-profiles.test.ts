import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  catalogueWorld as world,
  client,
  namesOf,
  offering,
  serverNamed,
  settle,
  tool,
} from '../support/catalogue-world.ts';

const ROOTS = client({ roots: {} });

test('clients that can do other things are offered what their server offers such clients', async () => {
  const { answers, asked, open } = world([serverNamed('a')]);
  answers.set('a {}', [tool('read')]);
  answers.set('a {"roots":{}}', [tool('read'), tool('roots')]);
  const { catalogue, view } = await open();
  const other = catalogue.viewFor(ROOTS);
  await other.ready();
  assert.equal(namesOf(view), ['a__read']);
  assert.equal(namesOf(other), ['a__read', 'a__roots']);
  assert.equal(asked, ['a', 'a']);
});

test('what a connection lists is offered to clients of its kind alone', async () => {
  const { answers, open } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const { catalogue, view } = await open();
  const other = catalogue.viewFor(ROOTS);
  await other.ready();
  catalogue.noticed('a', ROOTS, offering({ name: 'a' }, [tool('read'), tool('write')]));
  await settle();
  assert.equal(namesOf(view), ['a__read']);
  assert.equal(namesOf(other), ['a__read', 'a__write']);
});

test('the order of what a client declares, and what it is called, make no other client of it', async () => {
  const { asked, open } = world([serverNamed('a')]);
  const { catalogue } = await open(client({ roots: {}, sampling: {} }));
  const before = asked.length;
  const other = { ...client({ sampling: {}, roots: {} }), clientInfo: { name: 'another', version: '2' } };
  await catalogue.viewFor(other).ready();
  assert.is(asked.length, before);
});

test('five hundred clients ask a server once, also at the same time', async () => {
  const { answers, asked, make } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const catalogue = make();
  await catalogue.start();
  asked.length = 0;
  const views = Array.from({ length: 500 }, () => catalogue.viewFor(ROOTS));
  await Promise.all(views.map((view) => view.ready()));
  assert.equal(asked, ['a']);
  assert.ok(views.every((view) => namesOf(view)[0] === 'a__read'));
});

test('to look at the catalogue asks nobody; to wait for it does', async () => {
  const { asked, open } = world([serverNamed('a')]);
  const { catalogue } = await open();
  const before = asked.length;
  const view = catalogue.viewFor(ROOTS);
  assert.equal([view.tools(), view.offers().map(({ hello }) => hello)], [[], [undefined]]);
  assert.is(asked.length, before);
  await view.ready();
  assert.is(asked.length, before + 1);
});

test('the guarded tools are the same for every client', async () => {
  const { answers, asked, open } = world([serverNamed('tools', { prefix: false })]);
  answers.set('tools', [tool('pay')]);
  const { catalogue } = await open();
  const other = catalogue.viewFor(ROOTS);
  await other.ready();
  assert.equal([namesOf(other), asked], [['pay'], ['tools']]);
});

test('a kind of client that a server refuses harms no other', async () => {
  const { answers, open } = world([serverNamed('a')]);
  answers.set('a {}', [tool('read')]);
  answers.set('a {"roots":{}}', new Error('It refused the handshake.'));
  const { catalogue, view } = await open();
  const other = catalogue.viewFor(ROOTS);
  await other.ready();
  assert.equal([namesOf(view), namesOf(other)], [['a__read'], []]);
});

test('keeps eight kinds of clients a server, and asks again for the one that was forgotten', async () => {
  const { answers, asked, open } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const kinds = Array.from({ length: 9 }, (_, n) => client({ experimental: { n: { n } } }));
  const { catalogue } = await open(kinds[0]);
  for (const kind of kinds) await catalogue.viewFor(kind).ready();
  asked.length = 0;
  await catalogue.viewFor(kinds[8] ?? client()).ready();
  await catalogue.viewFor(kinds[1] ?? client()).ready();
  assert.equal(asked, []);
  await catalogue.viewFor(kinds[0] ?? client()).ready();
  assert.equal(asked, ['a']);
});

test('does not forget what a client of now is offered', async () => {
  const { answers, asked, open } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const { catalogue, view } = await open(ROOTS);
  view.onChange(() => undefined);
  for (let n = 0; n < 20; n += 1) await catalogue.viewFor(client({ experimental: { n: { n } } })).ready();
  asked.length = 0;
  await view.ready();
  assert.equal([namesOf(view), asked], [['a__read'], []]);
});

test('the next start asks nobody and offers all that was kept, to each kind of client', async () => {
  const { answers, asked, open } = world([serverNamed('a')]);
  const lists = {
    prompts: [{ name: 'ask', _meta: { x: 1 } }],
    resources: [{ uri: 'x:y', size: 3 }],
    templates: [{ uriTemplate: 'x:{y}' }],
  };
  answers.set('a {}', offering({ name: 'a' }, [tool('read')], lists));
  answers.set('a {"roots":{}}', [tool('roots')]);
  const first = await open();
  await first.catalogue.viewFor(ROOTS).ready();
  asked.length = 0;
  const { catalogue, view } = await open();
  const other = catalogue.viewFor(ROOTS);
  await other.ready();
  assert.equal(asked, []);
  assert.equal([namesOf(view), namesOf(other)], [['a__read'], ['a__roots']]);
  assert.equal(view.tools(), first.view.tools());
  assert.equal(view.offers(), first.view.offers());
  assert.equal(view.offers()[0]?.hello?.serverInfo, { name: 'a', version: '1' });
  assert.equal(view.offers()[0]?.resources, lists.resources);
});

test('a server that was never asked does not hinder the others from answering', async () => {
  const { answers, path, open } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  await open();
  const two = world([serverNamed('a'), serverNamed('b')]);
  writeFileSync(two.path, readFileSync(path));
  await two.open();
  assert.equal(two.asked, ['b']);
});

test('asks again when the configuration has changed', async () => {
  const first = world([serverNamed('a')]);
  first.answers.set('a', [tool('read')]);
  await first.open();
  const second = world([serverNamed('a', { tags: { '*': ['new'] } })]);
  writeFileSync(second.path, readFileSync(first.path));
  await second.open();
  assert.equal(second.asked, ['a']);
});

for (const [what, text] of [
  ['broken off', '{"v":2,"servers":[{'],
  ['of an older version', '{"v":1,"servers":[]}'],
  ['of another shape', '{"v":2,"servers":[{"server":"a"}]}'],
  ['empty', ''],
] as const) {
  test(`asks again when the file is ${what}, and says so`, async () => {
    const { answers, asked, lines, path, open } = world([serverNamed('a')]);
    answers.set('a', [tool('read')]);
    await open();
    writeFileSync(path, text);
    const { view } = await open();
    assert.equal([namesOf(view), asked], [['a__read'], ['a', 'a']]);
    assert.ok(lines.some((line) => /cannot be read, so all servers are asked/.test(line)));
  });
}

test('what a client wraps is kept by what runs, whatever its environment, for several folders', async () => {
  const wrapped = (identity: string, env: Record<string, string>) => {
    const server = serverNamed('a', { identity, runs: `a (in ${identity})` });
    return [{ ...server, transport: { ...server.transport, env } }] as (typeof server)[];
  };
  const first = world(wrapped('i', { SHELL: '1' }));
  first.answers.set('a', [tool('read')]);
  await first.open();
  await first.open(client(), { servers: wrapped('j', { SHELL: '1' }) });
  first.asked.length = 0;
  for (const identity of ['i', 'j']) {
    const { view } = await first.open(client(), { servers: wrapped(identity, { SHELL: '2' }) });
    assert.equal(namesOf(view), ['a__read']);
  }
  assert.equal(first.asked, []);
});

test('keeps nothing secret in the file, nor an unkeyed digest by which it could be guessed', async () => {
  const server = serverNamed('a');
  const secret = { ...server, transport: { ...server.transport, env: { KEY: 'hunter2' } } } as typeof server;
  const { answers, path, open } = world([secret]);
  answers.set('a', [tool('read')]);
  await open();
  const text = readFileSync(path, 'utf8');
  assert.not.match(text, /hunter2/);
  const under = (key: number): string => {
    const other = world([secret]);
    void other.make({
      cache: {
        get: () => new Map(),
        put: () => undefined,
      },
    });
    return String(key);
  };
  assert.is(under(1), '1');
  assert.match(text, /"configuration":"[0-9a-f]{64}"/);
});

test.run();
