import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { faultOfSignature } from '../../../src/notify/slack/signature.ts';

/** The example that Slack publishes (docs.slack.dev, Verifying requests from Slack). */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const TIMESTAMP = '1531420618';
const SIGNATURE = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const BODY = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const AT = 1_531_420_618_000;

const published = { body: BODY, timestamp: TIMESTAMP, signature: SIGNATURE };

test("Slack's published example is signed", () => {
  assert.is(faultOfSignature(published, SECRET, AT), undefined);
});

test('it is signed for five minutes before and after, and no longer', () => {
  assert.is(faultOfSignature(published, SECRET, AT + 300_000), undefined);
  assert.is(faultOfSignature(published, SECRET, AT - 300_000), undefined);
  assert.is(faultOfSignature(published, SECRET, AT + 300_001), 'it was signed too long ago');
  assert.is(faultOfSignature(published, SECRET, AT - 300_001), 'it was signed for a time to come');
});

test('a body with one bit changed, at any place, is not signed', () => {
  for (let at = 0; at < BODY.length; at += 1) {
    const body = Buffer.from(BODY);
    body.writeUInt8(body.readUInt8(at) ^ 1, at);
    assert.is(
      faultOfSignature({ ...published, body }, SECRET, AT),
      'its signature is not by the signing secret',
    );
  }
});

test('another secret, time or signature is refused', () => {
  const not = 'its signature is not by the signing secret';
  assert.is(faultOfSignature(published, `${SECRET}0`, AT), not);
  assert.is(faultOfSignature({ ...published, timestamp: '1531420619' }, SECRET, AT), not);
  for (const signature of [
    '',
    'v0=',
    SIGNATURE.slice(0, -1),
    `${SIGNATURE}0`,
    SIGNATURE.slice(3),
    `v1${SIGNATURE.slice(2)}`,
  ])
    assert.is(faultOfSignature({ ...published, signature }, SECRET, AT), not);
});

test('what has no signature or no readable time is refused', () => {
  assert.is(faultOfSignature({ ...published, signature: undefined }, SECRET, AT), 'it is not signed');
  assert.is(faultOfSignature({ ...published, timestamp: undefined }, SECRET, AT), 'it is not signed');
  for (const timestamp of ['', 'now', '-1', '1531420618.5', '1531420618 ', '0x5b47a0ca', '9'.repeat(13)])
    assert.is(faultOfSignature({ ...published, timestamp }, SECRET, AT), 'its time cannot be read');
});

test.run();
