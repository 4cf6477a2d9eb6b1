import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../src/core/errors.ts';
import { parseSmtpUrl, transportOptions } from '../../../src/notify/email/smtp-url.ts';

test('host, port, user and password are read, with their percent signs decoded', () => {
  assert.equal(parseSmtpUrl('smtp://placet%40example.com:p%3Ass@smtp.example.com:2525'), {
    host: 'smtp.example.com',
    port: 2525,
    implicitTls: false,
    loopback: false,
    auth: { user: 'placet@example.com', password: 'p:ss' },
  });
});

test('ports have their defaults', () => {
  assert.is(parseSmtpUrl('smtp://smtp.example.com').port, 587);
  assert.is(parseSmtpUrl('smtps://smtp.example.com').port, 465);
});

for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '[::1]', 'LOCALHOST']) {
  test(`${host} is loopback, where plain SMTP is allowed`, () => {
    assert.is(transportOptions(parseSmtpUrl(`smtp://${host}:2525`)).requireTLS, false);
  });
}

for (const host of [
  'smtp.example.com',
  '10.0.0.1',
  '0.0.0.0',
  'localhost.example.com',
  '[::ffff:127.0.0.1]',
  '127.1',
]) {
  test(`${host} is beyond loopback, where TLS with a certificate that verifies is required`, () => {
    const options = transportOptions(parseSmtpUrl(`smtp://${host}:2525`));
    assert.is(options.requireTLS, true);
    assert.is(options.tls?.rejectUnauthorized, true);
  });
}

test('smtps is TLS from the first byte', () => {
  const options = transportOptions(parseSmtpUrl('smtps://smtp.example.com'));
  assert.is(options.secure, true);
  assert.is(options.tls?.rejectUnauthorized, true);
});

const WRONG = [
  '',
  'smtp.example.com',
  'http://smtp.example.com',
  'smtp://',
  'smtp://u:hunter2@smtp.example.com/path',
  'smtp://u:hunter2@smtp.example.com?tls.rejectUnauthorized=false',
  'smtp://u:hunter2%@smtp.example.com',
];

for (const url of WRONG) {
  test(`refused with one sentence that does not repeat it: ${url}`, () => {
    try {
      parseSmtpUrl(url);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ConfigError);
      assert.match((error as ConfigError).message, /^PLACET_SMTP_URL cannot be used: .*\.$/);
      assert.not.match((error as ConfigError).message, 'hunter2');
    }
  });
}

test.run();
