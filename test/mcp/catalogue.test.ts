import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, DownstreamError, messageOf } from '../../src/core/errors.ts';
import type { Offering } from '../../src/mcp/lane.ts';
import {
  catalogueWorld as world,
  client,
  namesOf,
  offering,
  serverNamed,
  settle,
  tool,
} from '../support/catalogue-world.ts';
import { rejection } from '../support/rejects.ts';

const down = () => new DownstreamError('downstream_unavailable', 'The server a could not be started: no.');

test('offers the tools of all servers, under their prefixes', async () => {
  const { answers, open } = world([
    serverNamed('a'),
    serverNamed('b', { prefix: 'x' }),
    serverNamed('c', { prefix: false }),
  ]);
  for (const name of ['a', 'b', 'c']) answers.set(name, [tool('read')]);
  const { view } = await open();
  assert.equal(
    view.tools().map((each) => [each.name, each.server, each.tool]),
    [
      ['a__read', 'a', 'read'],
      ['x__read', 'b', 'read'],
      ['read', 'c', 'read'],
    ],
  );
  assert.is(view.find('x__read')?.server, 'b');
  assert.is(view.find('b__read'), undefined);
});

test('tags tools by globs over their own names, whether they are listed or not', async () => {
  const { answers, open } = world([
    serverNamed('a', { tags: { 'write_*': ['sensitive', 'disk'], '*_file': ['disk'] } }),
  ]);
  answers.set('a', [tool('write_file'), tool('read_file'), tool('list')]);
  const { view, catalogue } = await open();
  assert.equal(
    view.tools().map((each) => each.tags),
    [['sensitive', 'disk'], ['disk'], []],
  );
  assert.equal(catalogue.tagsOf('a', 'write_all'), ['sensitive', 'disk']);
  assert.equal(catalogue.tagsOf('b', 'write_all'), []);
});

test('believes only the guarded tools about their tags and summaries', async () => {
  const { answers, open } = world([serverNamed('a'), serverNamed('tools', { prefix: false })]);
  const _meta = { 'placet/tags': ['sensitive'], 'placet/summary': true };
  answers.set('a', [tool('x', { _meta })]);
  answers.set('tools', [tool('y', { _meta })]);
  const { view, catalogue } = await open();
  assert.equal(
    view.tools().map((each) => [each.name, each.tags, each.summarises]),
    [
      ['a__x', [], false],
      ['y', ['sensitive'], true],
    ],
  );
  assert.equal(catalogue.tagsOf('tools', 'y'), ['sensitive']);
  assert.equal(catalogue.tagsOf('a', 'x'), []);
});

test('refuses to start when two tools would share a name, and names both servers', async () => {
  const { answers, make } = world([serverNamed('a', { prefix: false }), serverNamed('b', { prefix: false })]);
  answers.set('a', [tool('read')]);
  answers.set('b', [tool('read')]);
  const error = await rejection(make().start());
  assert.instance(error, ConfigError);
  assert.is((error as ConfigError).code, 'tool_name_twice');
  assert.is(
    (error as ConfigError).message,
    'The name read would belong to a tool of a and to one of b; give one of these servers another "placet": {"prefix"} in mcp.json.',
  );
});

test('whoever answers first: at the start the order of mcp.json says whose a name is', async () => {
  const { answers, make } = world([serverNamed('a', { prefix: false }), serverNamed('b', { prefix: false })]);
  let late = (_offering: Offering) => {};
  answers.set('a', new Promise<Offering>((resolve) => (late = resolve)));
  answers.set('b', [tool('read')]);
  const start = rejection(make().start());
  await settle();
  late(offering({ name: 'a' }, [tool('read')]));
  assert.match(messageOf(await start), /to a tool of a and to one of b;/);
});

test('leaves a newcomer out whose name is taken, and reports it once', async () => {
  const { answers, open, lines } = world([
    serverNamed('a', { prefix: false }),
    serverNamed('b', { prefix: false }),
  ]);
  answers.set('b', [tool('read')]);
  const { view, catalogue } = await open();
  catalogue.noticed('a', client(), offering({ name: 'a' }, [tool('read'), tool('write')]));
  catalogue.noticed('a', client(), offering({ name: 'a' }, [tool('read'), tool('write'), tool('stat')]));
  await settle();
  assert.equal(
    view.tools().map((each) => [each.name, each.server]),
    [
      ['write', 'a'],
      ['stat', 'a'],
      ['read', 'b'],
    ],
  );
  assert.is(
    lines.filter((line) => line.startsWith('The name read would belong to a tool of b and to one of a'))
      .length,
    1,
  );
});

test('a server that fails keeps its names: nobody takes its place meanwhile', async () => {
  const { answers, open, clock } = world([
    serverNamed('a', { prefix: false }),
    serverNamed('b', { prefix: false }),
  ]);
  answers.set('a', [tool('read')]);
  const { view, catalogue } = await open();
  answers.set('a', down());
  catalogue.refresh('a');
  await settle();
  catalogue.noticed('b', client(), offering({ name: 'b' }, [tool('read')]));
  await settle();
  assert.equal(namesOf(view), []);
  answers.set('a', [tool('read')]);
  clock.advance(2000);
  await settle();
  assert.equal(
    view.tools().map((each) => each.server),
    ['a'],
  );
});

test('a resource, a template or a prompt belongs to the first server that offers it, and clashes are told once', async () => {
  const { answers, open, lines } = world([
    serverNamed('a', { prefix: false }),
    serverNamed('b', { prefix: false }),
  ]);
  const both = {
    prompts: [{ name: 'ask' }],
    resources: [{ uri: 'file:///x', name: 'x' }],
    templates: [{ uriTemplate: 'file:///{path}', name: 'file' }],
  };
  answers.set('a', offering({ name: 'a' }, [], both));
  answers.set(
    'b',
    offering({ name: 'b' }, [], {
      ...both,
      prompts: [{ name: 'ask', title: 'Mine' }, { name: 'tell' }],
      resources: [{ uri: 'file:///x', name: 'mine' }, { uri: 'file:///y' }],
    }),
  );
  const { view, catalogue } = await open();
  const [a, b] = view.offers();
  assert.equal(
    [a?.prompts, a?.resources, a?.templates],
    [[{ name: 'ask' }], [{ uri: 'file:///x', name: 'x' }], [{ uriTemplate: 'file:///{path}', name: 'file' }]],
  );
  assert.equal([b?.prompts, b?.resources, b?.templates], [[{ name: 'tell' }], [{ uri: 'file:///y' }], []]);
  catalogue.refresh('b');
  await settle();
  assert.equal(lines.filter((line) => /offered by a and by b/.test(line)).sort(), [
    'The prompt "ask" is offered by a and by b; that of b is left out. Give one of these servers another "placet": {"prefix"} in mcp.json.',
    'The resource "file:///x" is offered by a and by b; it is a\'s.',
    'The resource template "file:///{path}" is offered by a and by b; it is a\'s.',
  ]);
});

test('prompts of servers with prefixes do not clash, and are given as they came', async () => {
  const { answers, open } = world([serverNamed('a'), serverNamed('b')]);
  for (const name of ['a', 'b'])
    answers.set(name, offering({ name }, [], { prompts: [{ name: 'ask', new: 1 }] }));
  const { view } = await open();
  assert.equal(
    view.offers().map(({ prefix, prompts }) => [prefix, prompts]),
    [
      ['a', [{ name: 'ask', new: 1 }]],
      ['b', [{ name: 'ask', new: 1 }]],
    ],
  );
});

test('leaves out reserved and illegal names, and reports them', async () => {
  const { answers, open, lines } = world([serverNamed('a', { prefix: false })]);
  answers.set('a', [tool('placet_status'), tool('has space'), tool('x'.repeat(129)), tool(''), tool('fine')]);
  const { view } = await open();
  assert.equal(namesOf(view), ['fine']);
  assert.is(lines.filter((line) => /is left out/.test(line)).length, 4);
});

test('tells its listeners what kind of offer has changed, and only then', async () => {
  const { answers, open } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const { catalogue, view } = await open();
  const told: string[] = [];
  const stop = view.onChange((what) => void told.push(what));
  const give = async (...args: [Parameters<typeof offering>[1], Parameters<typeof offering>[2]?]) => {
    catalogue.noticed('a', client(), offering({ name: 'a' }, ...args));
    await settle();
  };
  await give([tool('read')]);
  assert.equal(told.splice(0), []);
  await give([tool('read'), tool('write')]);
  assert.equal(told.splice(0), ['tools']);
  await give([tool('read'), tool('write')], { prompts: [{ name: 'ask' }] });
  assert.equal(told.splice(0), ['prompts']);
  await give([tool('read'), tool('write')], { resources: [{ uri: 'x:y' }] });
  assert.equal(told.splice(0), ['prompts', 'resources']);
  stop();
  await give([]);
  assert.equal(told, []);
});

test('nobody is told of a change who has been shown nothing yet', async () => {
  const { answers, make } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const catalogue = make();
  await catalogue.start();
  const view = catalogue.viewFor(client({ roots: {} }));
  const told: string[] = [];
  view.onChange((what) => void told.push(what));
  await view.ready();
  assert.equal(namesOf(view), ['a__read']);
  assert.equal(told, []);
});

test('a server that fails harms no other, and is tried again with growing pauses until it comes back', async () => {
  const { answers, asked, clock, open } = world([serverNamed('a'), serverNamed('b')]);
  answers.set('a', down());
  answers.set('b', [tool('read')]);
  const { catalogue, view } = await open();
  assert.equal(namesOf(view), ['b__read']);
  const [state] = catalogue.state();
  assert.is(state?.state, 'failed');
  assert.is(state?.error, 'The server a could not be started: no.');
  assert.match(state?.retry_at ?? '', /^2026-11-23T10:00:0[01]/);

  const told: string[] = [];
  view.onChange((what) => void told.push(what));
  for (const pause of [1000, 2000, 4000]) {
    clock.advance(pause * 0.75 - 1);
    const before = asked.length;
    clock.advance(pause * 0.25 + 1);
    await settle();
    assert.is(asked.length, before + 1);
  }
  answers.set('a', [tool('write')]);
  clock.advance(8000);
  await settle();
  assert.equal(namesOf(view), ['a__write', 'b__read']);
  assert.equal(catalogue.state()[0], { name: 'a', state: 'ready', tools: 1, problems: [] });
  assert.equal(told, ['tools']);
});

test('does not wait for a slow server longer than its patience, and offers its tools when they come', async () => {
  const { answers, clock, make } = world([serverNamed('a'), serverNamed('b')]);
  let answer: (value: Offering) => void = () => undefined;
  answers.set('a', new Promise((resolve) => (answer = resolve)));
  answers.set('b', [tool('read')]);
  const catalogue = make({ patienceMs: 5000 });
  const started = catalogue.start();
  await settle();
  clock.advance(5000);
  await started;
  assert.equal(
    catalogue.state().map((each) => each.state),
    ['starting', 'ready'],
  );
  const view = catalogue.viewFor(client());
  await view.ready();
  assert.equal(namesOf(view), ['b__read']);
  answer(offering({ name: 'a' }, [tool('write')]));
  await settle();
  assert.equal(namesOf(view), ['a__write', 'b__read']);
});

test('asks only once more, however often it is told to while it asks', async () => {
  const { asked, open } = world([serverNamed('a')]);
  const { catalogue } = await open();
  for (let i = 0; i < 10; i += 1) catalogue.refresh('a');
  await settle();
  assert.is(asked.length, 3);
});

test('does nothing more once it is closed', async () => {
  const { answers, asked, clock, open } = world([serverNamed('a')]);
  answers.set('a', down());
  const { catalogue } = await open();
  catalogue.close();
  clock.advance(60_000);
  await settle();
  assert.equal(asked, ['a']);
});

test('tells people, once, of tools that hide something', async () => {
  const { answers, open, lines } = world([serverNamed('a')]);
  const description = 'Reads.\u200b';
  answers.set('a', [tool('read', { description }), tool('write')]);
  const { catalogue } = await open();
  const sentence =
    'The tool read of the server a has characters that cannot be seen or pass for others (description: U+200B zero-width space). Look at its definition before you let agents call it.';
  assert.equal(catalogue.state()[0]?.problems, [sentence]);
  catalogue.noticed('a', client(), offering({ name: 'a' }, [tool('read', { description })]));
  await settle();
  assert.is(lines.filter((line) => line === sentence).length, 1);
});

test.run();
