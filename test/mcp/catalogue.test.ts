import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, DownstreamError, messageOf } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { openCatalogueFile } from '../../src/mcp/catalogue-file.ts';
import { createCatalogue, type CatalogueOptions, type DefinitionEvent } from '../../src/mcp/catalogue.ts';
import type { ServerConfig } from '../../src/mcp/servers.ts';
import { listed, type ToolList } from '../../src/mcp/tool-list.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { rejection } from '../support/rejects.ts';
import { fixtureServer } from '../support/servers/fixture.ts';
import { tempDir } from '../support/temp.ts';

const serverNamed = (name: string, over: Partial<ServerConfig> = {}): ServerConfig => ({
  ...fixtureServer({}, { name, prefix: name }),
  ...over,
});
const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  inputSchema: { type: 'object' },
  ...more,
});
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A catalogue over answers that a test sets: definitions, or an error to throw. */
function world(servers: readonly ServerConfig[], path = join(tempDir(), 'catalogue.json')) {
  const answers = new Map<string, readonly JsonObject[] | Error | Promise<ToolList>>();
  const asked: string[] = [];
  const events: DefinitionEvent[] = [];
  const lines: string[] = [];
  const known = new Map<string, string>();
  const clock = new FakeClock();
  const make = (over: Partial<CatalogueOptions> = {}) =>
    createCatalogue({
      servers,
      async ask({ name }) {
        asked.push(name);
        const answer = answers.get(name) ?? [];
        if (answer instanceof Error) throw answer;
        return answer instanceof Promise ? answer : listed({ name }, answer);
      },
      cache: openCatalogueFile(path, (line) => void lines.push(line)),
      known: (server, name) => known.get(`${server} ${name}`),
      onDefinition: (event) => void events.push(event),
      clock,
      random: seededRandom(),
      log: (line) => void lines.push(line),
      ...over,
    });
  return { answers, asked, events, lines, known, clock, path, make };
}

const down = () => new DownstreamError('downstream_unavailable', 'The server a could not be started: no.');

test('offers the tools of all servers, under their prefixes', async () => {
  const { answers, make } = world([
    serverNamed('a'),
    serverNamed('b', { prefix: 'x' }),
    serverNamed('c', { prefix: false }),
  ]);
  for (const name of ['a', 'b', 'c']) answers.set(name, [tool('read')]);
  const catalogue = make();
  await catalogue.start();
  assert.equal(
    catalogue.tools().map((each) => [each.name, each.server, each.tool]),
    [
      ['a__read', 'a', 'read'],
      ['x__read', 'b', 'read'],
      ['read', 'c', 'read'],
    ],
  );
  assert.is(catalogue.find('x__read')?.server, 'b');
  assert.is(catalogue.find('b__read'), undefined);
});

test('tags tools by globs over their own names', async () => {
  const { answers, make } = world([
    serverNamed('a', { tags: { 'write_*': ['sensitive', 'disk'], '*_file': ['disk'] } }),
  ]);
  answers.set('a', [tool('write_file'), tool('read_file'), tool('list')]);
  const catalogue = make();
  await catalogue.start();
  assert.equal(
    catalogue.tools().map((each) => each.tags),
    [['sensitive', 'disk'], ['disk'], []],
  );
});

test('believes only the guarded tools about their tags and summaries', async () => {
  const { answers, make } = world([serverNamed('a'), serverNamed('tools', { prefix: false })]);
  const _meta = { 'placet/tags': ['sensitive'], 'placet/summary': true };
  answers.set('a', [tool('x', { _meta })]);
  answers.set('tools', [tool('y', { _meta })]);
  const catalogue = make();
  await catalogue.start();
  assert.equal(
    catalogue.tools().map((each) => [each.name, each.tags, each.summarises]),
    [
      ['a__x', [], false],
      ['y', ['sensitive'], true],
    ],
  );
});

test('refuses to start when two tools would share a name, and names both servers', async () => {
  const { answers, make } = world([serverNamed('a', { prefix: false }), serverNamed('b', { prefix: false })]);
  answers.set('a', [tool('read')]);
  answers.set('b', [tool('read')]);
  const error = await rejection(make().start());
  assert.instance(error, ConfigError);
  assert.is(
    (error as ConfigError).message,
    'The name read would belong to a tool of a and to one of b; give one of these servers another "placet": {"prefix"} in mcp.json.',
  );
});

test('whoever answers first: at the start the order of mcp.json says whose a name is', async () => {
  const { answers, make } = world([serverNamed('a', { prefix: false }), serverNamed('b', { prefix: false })]);
  let late = (_list: ToolList) => {};
  answers.set('a', new Promise<ToolList>((resolve) => (late = resolve)));
  answers.set('b', [tool('read')]);
  const start = rejection(make().start());
  await settle();
  late(listed({ name: 'a' }, [tool('read')]));
  assert.match(messageOf(await start), /to a tool of a and to one of b;/);
});

test('leaves a newcomer out whose name is taken, and reports it', async () => {
  const { answers, make, lines } = world([
    serverNamed('a', { prefix: false }),
    serverNamed('b', { prefix: false }),
  ]);
  answers.set('a', []);
  answers.set('b', [tool('read')]);
  const catalogue = make();
  await catalogue.start();
  answers.set('a', [tool('read'), tool('write')]);
  catalogue.refresh('a');
  await settle();
  assert.equal(
    catalogue.tools().map((each) => [each.name, each.server]),
    [
      ['write', 'a'],
      ['read', 'b'],
    ],
  );
  assert.ok(
    lines.some((line) => line.startsWith('The name read would belong to a tool of b and to one of a')),
  );
});

test('leaves out reserved and illegal names, and reports them', async () => {
  const { answers, make, lines } = world([serverNamed('a', { prefix: false })]);
  answers.set('a', [tool('placet_status'), tool('has space'), tool('x'.repeat(129)), tool(''), tool('fine')]);
  const catalogue = make();
  await catalogue.start();
  assert.equal(
    catalogue.tools().map((each) => each.name),
    ['fine'],
  );
  assert.is(lines.filter((line) => /is left out/.test(line)).length, 4);
});

test('asks once and keeps the answer for the next start', async () => {
  const { answers, asked, make } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  await make().start();
  const again = make();
  await again.start();
  assert.equal(asked, ['a']);
  assert.equal(
    again.tools().map((each) => each.name),
    ['a__read'],
  );
});

test('asks again when the configuration has changed', async () => {
  const first = world([serverNamed('a')]);
  first.answers.set('a', [tool('read')]);
  await first.make().start();
  const second = world([{ ...fixtureServer({ NEW: '1' }, { name: 'a' }) }], first.path);
  await second.make().start();
  assert.equal(second.asked, ['a']);
});

test('asks again when the kept answers cannot be read, and says so', async () => {
  const { answers, asked, lines, path, make } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  await make().start();
  writeFileSync(path, '{"v":1,"servers":[{');
  await make().start();
  assert.equal(asked, ['a', 'a']);
  assert.ok(lines.some((line) => /cannot be read, so all servers are asked/.test(line)));
});

test('keeps nothing secret in the file', async () => {
  const { answers, path, make } = world([fixtureServer({ KEY: 'hunter2' }, { name: 'a' })]);
  answers.set('a', [tool('read')]);
  await make().start();
  assert.not.match(readFileSync(path, 'utf8'), /hunter2/);
});

test('reports each tool once as registered, and as changed when its definition does', async () => {
  const { answers, events, make } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const catalogue = make();
  await catalogue.start();
  catalogue.noticed('a', listed({ name: 'a' }, [tool('read')]));
  catalogue.noticed('a', listed({ name: 'a' }, [tool('read', { description: 'New.' })]));
  const [first, second] = events;
  assert.is(events.length, 2);
  assert.equal([first?.kind, first?.server, first?.tool], ['registered', 'a', 'read']);
  assert.equal([second?.kind, second?.previous_sha256], ['changed', first?.definition_sha256]);
});

test('reports nothing that stands in the journal already', async () => {
  const { answers, events, known, make } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  known.set('a read', listed({ name: 'a' }, [tool('read')]).tools[0]?.definition_sha256 ?? '');
  await make().start();
  assert.equal(events, []);
});

test('tells its listeners when what is offered has changed, and only then', async () => {
  const { answers, make } = world([serverNamed('a')]);
  answers.set('a', [tool('read')]);
  const catalogue = make();
  await catalogue.start();
  let told = 0;
  const stop = catalogue.onChange(() => {
    told += 1;
  });
  catalogue.noticed('a', listed({ name: 'a' }, [tool('read')]));
  assert.is(told, 0);
  catalogue.noticed('a', listed({ name: 'a' }, [tool('read'), tool('write')]));
  assert.is(told, 1);
  stop();
  catalogue.noticed('a', listed({ name: 'a' }, []));
  assert.is(told, 1);
});

test('a server that fails harms no other, and is tried again with growing pauses until it comes back', async () => {
  const { answers, asked, clock, make } = world([serverNamed('a'), serverNamed('b')]);
  answers.set('a', down());
  answers.set('b', [tool('read')]);
  const catalogue = make();
  await catalogue.start();
  assert.equal(
    catalogue.tools().map((each) => each.name),
    ['b__read'],
  );
  const [state] = catalogue.state();
  assert.is(state?.state, 'failed');
  assert.is(state?.error, 'The server a could not be started: no.');
  assert.match(state?.retry_at ?? '', /^2026-11-23T10:00:0[01]/);

  let told = 0;
  catalogue.onChange(() => {
    told += 1;
  });
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
  assert.equal(
    catalogue.tools().map((each) => each.name),
    ['a__write', 'b__read'],
  );
  assert.equal(catalogue.state()[0], { name: 'a', state: 'ready', tools: 1, problems: [] });
  assert.is(told, 1);
});

test('does not wait for a slow server longer than its patience, and offers its tools when they come', async () => {
  const { answers, clock, make } = world([serverNamed('a'), serverNamed('b')]);
  let answer: (list: ToolList) => void = () => undefined;
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
  answer(listed({ name: 'a' }, [tool('write')]));
  await settle();
  assert.equal(
    catalogue.tools().map((each) => each.name),
    ['a__write', 'b__read'],
  );
});

test('asks only once more, however often it is told to while it asks', async () => {
  const { asked, make } = world([serverNamed('a')]);
  const catalogue = make();
  await catalogue.start();
  for (let i = 0; i < 10; i += 1) catalogue.refresh('a');
  await settle();
  assert.is(asked.length, 3);
});

test('does nothing more once it is closed', async () => {
  const { answers, asked, clock, make } = world([serverNamed('a')]);
  answers.set('a', down());
  const catalogue = make();
  await catalogue.start();
  catalogue.close();
  clock.advance(60_000);
  await settle();
  assert.equal(asked, ['a']);
});

test.run();
