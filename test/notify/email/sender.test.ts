import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../src/core/errors.ts';
import { parseSender } from '../../../src/notify/email/sender.ts';

test('a bare address is sent under the name Placet', () => {
  assert.equal(parseSender('placet@Example.com'), {
    name: 'Placet',
    address: 'placet@Example.com',
    domain: 'example.com',
  });
});

test('a name before the address is kept', () => {
  assert.equal(parseSender('"Approvals, Ltd" <ok@example.com>'), {
    name: 'Approvals, Ltd',
    address: 'ok@example.com',
    domain: 'example.com',
  });
});

for (const text of ['', 'x', 'a@x, b@y', 'A <a@x> B <b@y>', 'a@x\r\nBcc: b@y', '<>', 'a@', 'a b@x']) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseSender(text),
      (error: unknown) => error instanceof ConfigError && error.code === 'mail_from',
    );
  });
}

test.run();
