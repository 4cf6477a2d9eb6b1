import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { defineTool } from '../../src/index.ts';

const good = {
  name: 'greet',
  description: 'Greets.',
  tags: ['polite'],
  input: z.object({ name: z.string() }),
  run: () => 'hello',
};

/** As an author in JavaScript, whom no compiler helps. */
const define = defineTool as (spec: unknown) => unknown;

function refused(change: object, message: string): void {
  assert.throws(
    () => define({ ...good, ...change }),
    (error: unknown) => error instanceof TypeError && error.message === message,
  );
}

test('a definition that is whole is taken', () => {
  const tool = defineTool(good);
  assert.is(tool.name, 'greet');
  assert.equal([...tool.tags], ['polite']);
});

test('a definition cannot be changed afterwards', () => {
  assert.ok(Object.isFrozen(defineTool(good)));
});

test('an object schema of zod/mini is taken', () => {
  assert.is(defineTool({ ...good, input: mini.object({ name: mini.string() }) }).name, 'greet');
});

test('arguments, context and results are typed for the author', () => {
  defineTool({
    ...good,
    input: z.object({ count: z.int().default(1), since: z.iso.date().optional() }),
    output: z.object({ done: z.number() }),
    summary: ({ count, since }) => `${count.toFixed(0)} since ${since ?? 'ever'}`,
    run: ({ count }, { workspace, signal }) => {
      signal.throwIfAborted();
      return { done: count + workspace.length };
    },
  });
  defineTool({ ...good, run: () => [{ type: 'text', text: 'hello' }] });
  // @ts-expect-error: the arguments have no such member
  defineTool({ ...good, run: ({ nome }) => String(nome) });
  // @ts-expect-error: a number is no result
  defineTool({ ...good, run: () => 1 });
  // @ts-expect-error: this does not fit the output
  defineTool({ ...good, output: z.object({ done: z.number() }), run: () => ({ done: 'yes' }) });
  // @ts-expect-error: a summary is text
  defineTool({ ...good, summary: () => 1 });
});

test('a name that is not letters, digits, underscores and hyphens is refused', () => {
  for (const name of [undefined, '', 'a b', 'a/b', 'ä', 'x'.repeat(65)]) {
    refused({ name }, "A tool's name is 1 to 64 letters, digits, underscores and hyphens.");
  }
});

test('a reserved name is refused in any case', () => {
  refused(
    { name: 'Placet_status' },
    'The tool Placet_status needs another name: those beginning with placet_ are reserved.',
  );
});

test('a missing description is refused', () => {
  refused({ description: ' ' }, 'The tool greet needs a description: agents and reviewers read it.');
});

test('a title that is not text is refused', () => {
  refused({ title: 1 }, 'The title of the tool greet must be a string.');
});

test('tags that are not words are refused', () => {
  const message = "The tool greet needs tags: a list of words, such as ['sensitive'], or an empty list.";
  for (const tags of [undefined, 'sensitive', [1], ['two words'], ['']]) refused({ tags }, message);
});

test('an input that is not an object schema is refused', () => {
  const message = 'The input of the tool greet must be z.object({…}) of zod 4.';
  for (const input of [undefined, {}, z.string(), { type: 'object' }]) refused({ input }, message);
});

test('an output that is not an object schema is refused', () => {
  refused({ output: z.string() }, 'The output of the tool greet must be z.object({…}) of zod 4.');
});

test('a summary that is not a function is refused', () => {
  refused({ summary: 'Greets.' }, 'The summary of the tool greet must be a function.');
});

test('a missing run is refused', () => {
  refused({ run: undefined }, 'The tool greet needs a function run(args, context).');
});

test('an unknown member is refused, so that a misspelt summary is not missed', () => {
  refused({ sumary: () => '' }, 'The tool greet has a member sumary, which defineTool does not know.');
});

test('something that is not an object is refused', () => {
  assert.throws(() => define('greet'), 'defineTool takes one object.');
});

test.run();
