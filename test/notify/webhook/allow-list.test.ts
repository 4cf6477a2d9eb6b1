import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../src/core/errors.ts';
import { objection, parseAllowList } from '../../../src/notify/webhook/allow-list.ts';

const INSIDE =
  'leads to 10.0.0.5, which is not on the public Internet: if that is meant, name its host or address in PLACET_WEBHOOK_ALLOW.';
const PLAIN =
  'has an address that begins with http://: make it https://, or name its host in PLACET_WEBHOOK_ALLOW.';

function judged(allow: readonly string[], host: string, address: string, secure = true): string | undefined {
  return objection({ host, address, secure }, parseAllowList(allow));
}

test('an address of the public Internet may be reached in TLS, and without only where it is named', () => {
  assert.is(judged([], 'siem.example.com', '8.8.8.8'), undefined);
  assert.is(judged([], 'siem.example.com', '8.8.8.8', false), PLAIN);
  assert.is(judged(['siem.example.com'], 'siem.example.com', '8.8.8.8', false), undefined);
  assert.is(judged(['8.8.8.0/24'], 'siem.example.com', '8.8.8.8', false), undefined);
});

test('an internal address may be reached only where it, its network or its host is named', () => {
  assert.is(judged([], 'siem.example.com', '10.0.0.5'), INSIDE);
  assert.is(judged(['10.0.0.5'], 'siem.example.com', '10.0.0.5'), undefined);
  assert.is(judged(['10.0.0.0/8'], 'siem.example.com', '10.0.0.5', false), undefined);
  assert.is(judged(['10.0.0.5'], '10.0.0.5', '10.0.0.5'), undefined);
  assert.is(judged(['siem.example.com'], 'siem.example.com', '10.0.0.5'), undefined);
  assert.is(
    judged(['10.0.0.6', '192.168.0.0/16', 'other.example.com'], 'siem.example.com', '10.0.0.5'),
    INSIDE,
  );
  assert.is(judged(['fd00::/8'], 'siem.example.com', 'fd12::1'), undefined);
  assert.is(judged(['[::1]'], '[::1]', '::1'), undefined);
});

test('a host that is named is that host alone, in whatever case, with a dot at its end or in its own script', () => {
  assert.is(judged(['SIEM.example.com.'], 'siem.example.com', '10.0.0.5'), undefined);
  assert.is(judged(['siem.example.com'], 'siem.example.com.', '10.0.0.5'), undefined);
  assert.is(judged(['münchen.example'], 'xn--mnchen-3ya.example', '10.0.0.5'), undefined);
  assert.is(judged(['example.com'], 'siem.example.com', '10.0.0.5'), INSIDE);
  assert.is(judged(['siem.example.com'], 'siem.example.com.evil.example', '10.0.0.5'), INSIDE);
});

test('what is no address is not reached, and not quoted', () => {
  assert.match(
    judged(['10.0.0.0/8'], 'siem.example.com', 'fe80::1%secret') ?? '',
    /^leads to something that is no address,/,
  );
});

test('what is neither host nor address nor network is a mistake of the setting', () => {
  for (const word of [
    '10.0.0.0/33',
    'https://siem.example.com',
    'siem.example.com:8443',
    '*.example.com/x',
    '127.1',
    '0x7f000001',
    'a@b',
    '%',
  ]) {
    try {
      parseAllowList(['10.0.0.0/8', word]);
    } catch (error) {
      assert.instance(error, ConfigError);
      assert.is(
        (error as ConfigError).message,
        `PLACET_WEBHOOK_ALLOW: ${JSON.stringify(word)} is neither a host, nor an address, nor a network such as 10.0.0.0/8. Mend it in .env or in the environment.`,
      );
      continue;
    }
    throw new Error(`${word} was taken.`);
  }
});

test.run();
