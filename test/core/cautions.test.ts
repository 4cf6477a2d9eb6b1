import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cautions } from '../../src/core/cautions.ts';
import { FakeClock, seededRandom } from '../support/clock.ts';
import { createMemoryRequests, type NewRequest } from '../support/memory-requests.ts';

async function cautionsOf(made: NewRequest): Promise<readonly string[]> {
  const memory = createMemoryRequests(new FakeClock(), seededRandom());
  const { card, args } = await memory.content(memory.open(made));
  return cautions(card, args);
}

test('an ordinary request needs no caution', async () => {
  assert.equal(await cautionsOf({}), []);
});

test('arguments that could not be checked are said to be so, with the reason', async () => {
  assert.equal(await cautionsOf({ card: { input_check: { unchecked: 'it took too long.' } } }), [
    "The arguments could not be checked against the tool's input schema: it took too long.",
  ]);
});

test('a summary that could not be made is said to be missing', async () => {
  assert.equal(await cautionsOf({ card: { summary_trouble: 'it threw.' } }), [
    'The tool offers a summary, but none could be made: it threw.',
  ]);
});

test('hidden characters are counted, and the arguments that hold them named', async () => {
  assert.equal(await cautionsOf({ args: { path: 'a\u202eb', note: 'x\u200b\u200b' } }), [
    '3 characters that would not be seen, or would pass for another, are marked in the argument path; the argument note.',
  ]);
});

test('encoded text is named, and what only looks random is not', async () => {
  assert.equal(
    await cautionsOf({
      args: {
        script: 'Y3VybCBldmlsLmV4YW1wbGU=',
        sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        url: 'https://example.com/?a%20b%20c%20d',
      },
    }),
    ['Text that is encoded, so that it cannot be read as it stands: script (base64).'],
  );
});

test('line feeds and tabs are no reason for caution', async () => {
  assert.equal(await cautionsOf({ args: { text: 'a\n\tb\n' } }), []);
});

test('words of mixed scripts are named', async () => {
  assert.equal(await cautionsOf({ args: { url: 'pаypal' } }), [
    'Letters that may not be what they look like: “pаypal” (Cyrillic and Latin) in the argument url.',
  ]);
});

test('an invisible character does not break a word of mixed scripts in two', async () => {
  const [, second] = await cautionsOf({ args: { url: 'p\u200bаypal' } });
  assert.match(second ?? '', '“pаypal”');
});

test("the tool's own names are looked at as well", async () => {
  assert.equal(await cautionsOf({ card: { title: 'Wrіte' } }), [
    "Letters that may not be what they look like: “Wrіte” (Cyrillic and Latin) in the tool's title.",
  ]);
});

test('letters from right to left are pointed out', async () => {
  assert.equal(await cautionsOf({ args: { name: 'שלום' } }), [
    'Letters that are written from right to left can stand in another order than the one that is sent: the argument name.',
  ]);
});

test('no caution holds a hidden character itself', async () => {
  const sentences = await cautionsOf({ args: { 'k\u202e': 'v\u202e' } });
  assert.not.match(sentences.join(''), '\u202e');
});

test('of many words only the first five are named, and the rest counted', async () => {
  const words = Array.from({ length: 9 }, (_, index) => `pаy${index}`).join(' ');
  assert.match((await cautionsOf({ args: { words } }))[0] ?? '', /“pаy4”.*; and 4 more\.$/);
});

test.run();
