import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodedOf } from '../../src/core/encoded.ts';

const DECODES: readonly (readonly [string, string, string, string])[] = [
  ['base64', 'cm0gLXJmIC8gLS1uby1wcmVzZXJ2ZS1yb290', 'base64', 'rm -rf / --no-preserve-root'],
  ['base64 with padding', 'Y3VybCBldmlsLmV4YW1wbGU=', 'base64', 'curl evil.example'],
  ['base64 in lines', 'cm0gLXJmIC8g\nLS1uby1wcmVz\nZXJ2ZS1yb290', 'base64', 'rm -rf / --no-preserve-root'],
  ['base64url', '8J-YgPCfmIDwn5iA8J-YgA', 'base64', '😀😀😀😀'],
  ['a data address', 'data:text/plain;base64,Y3VybCBldmlsLmV4YW1wbGU=', 'base64', 'curl evil.example'],
  ['base64 of UTF-16, as PowerShell takes it', 'aQBlAHgAIAAkAGUAdgBpAGwA', 'base64', 'iex $evil'],
  ['hexadecimal', '726d202d7266202f686f6d65', 'hexadecimal', 'rm -rf /home'],
  ['hexadecimal with 0x', '0x726D202D7266202F686F6D65', 'hexadecimal', 'rm -rf /home'],
  ['hexadecimal with colons', '72:6d:20:2d:72:66:20:2f:68:6f:6d:65', 'hexadecimal', 'rm -rf /home'],
  ['percent-encoding', '%72%6d%20-rf%20/', 'percent-encoded', 'rm -rf /'],
  ['hidden characters in base64', 'aGVsbG8g4oCud29ybGQh', 'base64', 'hello \u202eworld!'],
];

for (const [what, value, encoding, decoded] of DECODES) {
  test(`${what} is called ${encoding} and decoded`, () => {
    assert.equal(encodedOf(value), { encoding, decoded });
  });
}

const OPAQUE: readonly (readonly [string, string, string])[] = [
  ['a digest', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hexadecimal'],
  ['random bytes in base64', 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=', 'base64'],
  ['percent-encoding of no UTF-8', '%ff%fe%fd%fc', 'percent-encoded'],
];

for (const [what, value, encoding] of OPAQUE) {
  test(`${what} is called ${encoding} that does not decode to text`, () => {
    assert.equal(encodedOf(value), { encoding });
  });
}

const PLAIN = [
  'A sentence that anybody can read.',
  '/srv/data/reports/quarterly/summary',
  '/srv/Data/Reports2026/Quarterly/SummaryOfAllRegionsTogether',
  'internationalization',
  'deadbeefcafe',
  'https://example.com/a%20b?c=d%20e',
  'customer_identifier_2026',
  '1234567890123456',
  '',
];

for (const value of PLAIN) {
  test(`this is not called encoded: ${value}`, () => {
    assert.is(encodedOf(value), undefined);
  });
}

test('a megabyte is judged within a second', () => {
  const began = performance.now();
  encodedOf('QUJD'.repeat(262_144));
  encodedOf('%41'.repeat(350_000));
  encodedOf(`${'a'.repeat(1_000_000)}!`);
  assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
});

test.run();
