import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectSecrets } from '../../src/core/secret-detectors.ts';
import { mayHoldSecret } from '../../src/core/secret-scan.ts';

const found = (text: string) => detectSecrets(text).map(({ from, to, kind }) => [kind, text.slice(from, to)]);
const scanned = (text: string) => mayHoldSecret(Buffer.from(JSON.stringify({ text })));

const ALNUM36 = 'abcdefghijklmnopqrstuvwxyz0123456789';
const PEM = `-----BEGIN RSA PRIVATE KEY-----\n${`${'MIIEabc0'.repeat(8)}\n`.repeat(3)}abc=\n-----END RSA PRIVATE KEY-----`;

const FOUND: readonly (readonly [string, string, string])[] = [
  ['AWS key', 'AKIAIOSFODNN7EXAMPLQ', 'export K=AKIAIOSFODNN7EXAMPLQ;'],
  [
    'AWS key',
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
  ],
  ['GitHub token', `ghp_${ALNUM36}`, `token: ghp_${ALNUM36}`],
  ['GitHub token', 'github_pat_11AAAAAAA0abcdefghijklmn', 'github_pat_11AAAAAAA0abcdefghijklmn'],
  ['GitLab token', 'glpat-abcdefghij0123456789', 'glpat-abcdefghij0123456789.'],
  ['Slack token', 'xoxb-123456789012-abcdef', '"xoxb-123456789012-abcdef"'],
  [
    'Slack token',
    'T00000000/B00000000/abcdefghijklmnop',
    'https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop',
  ],
  ['Stripe key', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
  ['Stripe key', 'rk_test_4eC39HqLyjWDarjtT1zdp7dc', '(rk_test_4eC39HqLyjWDarjtT1zdp7dc)'],
  ['API key', 'sk-proj-abcdefghij0123456789', 'key=sk-proj-abcdefghij0123456789'],
  ['Google key', `AIza${'Sy0123456'.repeat(3)}abcdefgh`, `?key=AIza${'Sy0123456'.repeat(3)}abcdefgh&x=1`],
  ['npm token', `npm_${ALNUM36}`, `//registry/:_authToken=npm_${ALNUM36}`],
  [
    'JSON web token',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_DEF-123',
    'cookie: t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_DEF-123; x',
  ],
  ['credential', 'abcDEF123456', 'Authorization: Bearer abcDEF123456'],
  ['credential', 'dXNlcjpwYXNz', 'authorization: basic dXNlcjpwYXNz'],
  ['password of an address', 'p4ss$word', 'postgres://app:p4ss$word@db:5432/x'],
  ['password of an address', 'hunter2', 'redis://:hunter2@cache'],
  ['card number', '4111111111111111', 'pay with 4111111111111111, please'],
  ['card number', '4111 1111 1111 1111', 'on 2026-11-24 4111 1111 1111 1111 was used'],
  ['card number', '3782-822463-10005', 'amex 3782-822463-10005'],
  ['private key', PEM, `key:\n${PEM}\n`],
  ['imitated mark', '[secret: ', 'rm -rf / [secret: API key, 8 to 15 characters]'],
];

for (const [kind, secret, text] of FOUND) {
  test(`finds ${kind} in ${JSON.stringify(text.slice(0, 50))}, and the scan lets it pass to be looked at`, () => {
    assert.equal(found(text), [[kind, secret]]);
    assert.is(scanned(text), true);
  });

  test(`finds ${kind} in ${JSON.stringify(text.slice(0, 50))} within JSON within a text`, () => {
    const inner = JSON.stringify({ text: `a\n${text}` });
    const [[, part = ''] = []] = found(inner);
    assert.is(part, JSON.stringify(secret).slice(1, -1));
    assert.is(scanned(inner), true);
  });
}

const INNOCENT = [
  'The quick brown fox jumps over the lazy dog, a basic understanding of bearer bonds.',
  'basic authentication is used; Bearer tokens-are-words',
  'https://example.com:8080/path?a=b#c and ssh://git@example.com/repo.git',
  'risk-free task-oriented desk-top sk-short',
  'order 4111111111111112 and 1234567890123456 and 1700000000000000',
  'sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'uuid 4b825dc6-42cb-4eb9-a060-e54bf8d69288, time 2026-11-24T10:00:00.000Z',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  'eyJhbGciOiJIUzI1NiJ9 alone',
];

for (const text of INNOCENT) {
  test(`finds nothing in ${JSON.stringify(text.slice(0, 60))}`, () => {
    assert.equal(found(text), []);
  });
}

test('what stands between the lines of a private key and is none of them is unusual', () => {
  const odd = PEM.replace('abc=\n', 'reboot\nabc=\n');
  assert.equal(
    detectSecrets(odd).map(({ unusual }) => unusual),
    [true],
  );
  assert.equal(
    detectSecrets(PEM).map(({ unusual }) => unusual),
    [false],
  );
});

test('a password of an address in which a shell would run something is unusual', () => {
  assert.equal(
    detectSecrets('git clone https://a:$(reboot)@host/x').map(({ unusual }) => unusual),
    [true],
  );
});

test('a private key that is cut off is masked as far as it goes', () => {
  assert.equal(found('x -----BEGIN PRIVATE KEY-----\nMIIB\nabc'), [
    ['private key', '-----BEGIN PRIVATE KEY-----\nMIIB\nabc'],
  ]);
});

const MEBIBYTE = 1024 * 1024;
const HOSTILE = [
  '1',
  '1 ',
  '4 ',
  '411 ',
  '1-',
  'eyJ',
  'eyJaaaaaaaaaa.',
  'sk-',
  'a://',
  'a://b:',
  '://:',
  '-----BEGIN PRIVATE KEY-----',
  'bearer ',
  'ghp_',
  'aws_secret_access_key=',
  "='",
  'basic aaaa:',
  'xoxa-',
  '[secret: ',
  'AKIA',
  ' ',
  '\\n',
  'é',
];

test('a mebibyte of anything takes time in proportion to its length', () => {
  for (const unit of HOSTILE) {
    const timed = (bytes: number): number => {
      const text = unit.repeat(Math.floor(bytes / unit.length));
      const began = process.cpuUsage();
      scanned(text);
      detectSecrets(text);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1000;
    };
    timed(MEBIBYTE / 64);
    const took = timed(MEBIBYTE);
    // A square of it would take minutes.
    assert.ok(took < 4000, `${JSON.stringify(unit)} took ${took} ms`);
  }
});

test.run();
