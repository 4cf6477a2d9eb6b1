// needs: openssl
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProofError } from '../../src/core/errors.ts';
import { nonceFrom, timeStampRequest } from '../../src/attest/time-stamp-request.ts';
import { newestStamp, readStamps, type StoredStamp } from '../../src/attest/stored-stamps.ts';
import { checkTimeStamp } from '../../src/attest/time-stamp.ts';
import { rejection } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';
import { date, openssl, timeAuthority, type TimeAuthority } from '../support/time-authority.ts';

const NOTE = Buffer.from('localhost/placet-0123456789ab\n3\nAAAA\n\n— signature\n');
const NONCE = nonceFrom(Buffer.from('0102030405060708', 'hex'));
const authority = timeAuthority();
const stamped = await authority.stamp(timeStampRequest(NOTE, NONCE));
const other = timeAuthority();

/** The code with which it is refused. */
async function refused(check: Promise<unknown>): Promise<string> {
  const error = await rejection(check);
  if (error instanceof ProofError) return error.code;
  throw error;
}

async function stampBy(by: TimeAuthority, message: Buffer = NOTE): Promise<Buffer> {
  return by.stamp(timeStampRequest(message, NONCE));
}

test('openssl reads the request as one for the SHA-256 of the message, with nonce and certificate', () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'it.tsq'), timeStampRequest(NOTE, NONCE));
  const text = openssl(['ts', '-query', '-in', 'it.tsq', '-text'], dir).toString();
  assert.match(text, 'Hash Algorithm: sha256');
  assert.match(text, 'Nonce: 0x4102030405060708');
  assert.match(text, 'Certificate required: yes');
  writeFileSync(join(dir, 'it.txt'), NOTE);
  const theirs = openssl(['ts', '-query', '-data', 'it.txt', '-sha256', '-no_nonce', '-cert'], dir);
  const digest = createHash('sha256').update(NOTE).digest();
  assert.ok(theirs.includes(digest) && timeStampRequest(NOTE, NONCE).includes(digest));
});

test('a nonce is a positive number of eight bytes, whatever the random bytes', () => {
  assert.is(nonceFrom(Buffer.alloc(8, 0)).toString('hex'), '4000000000000000');
  assert.is(nonceFrom(Buffer.alloc(8, 0xff)).toString('hex'), '7fffffffffffffff');
});

test('a stamp says when and by whom, and openssl agrees', async () => {
  const { ca } = authority;
  const checked = await checkTimeStamp({ response: stamped, message: NOTE, nonce: NONCE, ca });
  assert.is(checked.authority, 'Test Time');
  assert.is(checked.trusted, true);
  assert.ok(Math.abs(Date.parse(checked.time) - Date.now()) < 120_000, checked.time);
  assert.match(authority.verify(stamped, NOTE), 'Verification: OK');
});

test('without certificates to believe, a stamp is right but not trusted', async () => {
  const { trusted, authority: name } = await checkTimeStamp({ response: stamped, message: NOTE });
  assert.is(trusted, false);
  assert.is(name, 'Test Time');
});

test('an authority is believed through a bundle, its issuer or its own certificate', async () => {
  const issuing = readFileSync(join(authority.dir, 'issuing.pem'), 'utf8');
  for (const ca of [`${other.ca}\n${authority.ca}`, issuing, authority.certificate])
    assert.is((await checkTimeStamp({ response: stamped, message: NOTE, ca })).trusted, true);
});

for (const [title, options] of [
  ['RSA', { key: 'rsa:2048' }],
  ['SHA-512', { digest: 'sha512', essDigest: 'sha512' }],
  ['the older name of its certificate, by SHA-1', { essDigest: 'sha1' }],
] as const) {
  test(`a stamp with ${title} is right`, async () => {
    const by = timeAuthority(options);
    const response = await stampBy(by);
    assert.is((await checkTimeStamp({ response, message: NOTE, nonce: NONCE, ca: by.ca })).trusted, true);
    assert.match(by.verify(response, NOTE), 'Verification: OK');
  });
}

test('a stamp of another message is refused', async () => {
  const message = Buffer.from(NOTE.toString().replace('\n3\n', '\n4\n'));
  assert.is(await refused(checkTimeStamp({ response: stamped, message })), 'stamp_of_another_message');
  assert.throws(() => authority.verify(stamped, message));
});

test('an answer to another request is refused', async () => {
  const nonce = nonceFrom(Buffer.from('ffffffffffffffff', 'hex'));
  assert.is(await refused(checkTimeStamp({ response: stamped, message: NOTE, nonce })), 'bad_stamp');
});

test('an authority that other certificates vouch for is refused', async () => {
  const { ca } = other;
  assert.is(await refused(checkTimeStamp({ response: stamped, message: NOTE, ca })), 'untrusted_authority');
  assert.throws(() => authority.verify(stamped, NOTE, ca));
});

test('a file without certificates is refused', async () => {
  const ca = 'nothing';
  assert.is(await refused(checkTimeStamp({ response: stamped, message: NOTE, ca })), 'bad_certificates');
});

for (const [title, options] of [
  ['is for servers', { usage: 'critical, serverAuth' }],
  ['is for time stamps and for servers', { usage: 'critical, timeStamping, serverAuth' }],
  ['is for time stamps, but not critically', { usage: 'timeStamping' }],
  ['is not for signing', { keyUsage: 'critical, keyEncipherment' }],
  ['has run out', { valid: { from: date(-9), to: date(-1) } }],
  ['is not valid yet', { valid: { from: date(2), to: date(9) } }],
  ['demands what nobody knows', { more: '1.2.3.4 = critical, ASN1:NULL' }],
] as const) {
  test(`a certificate that ${title} stamps nothing`, async () => {
    const good = timeAuthority();
    const bad = timeAuthority(options);
    // openssl itself refuses to stamp with some of them, so that the token is made with openssl's cms.
    const response = resigned(await stampBy(good), bad);
    assert.is(await refused(checkTimeStamp({ response, message: NOTE })), 'bad_authority');
    assert.throws(() => bad.verify(response, NOTE));
  });
}

test('the same way of making a token makes a right one with a right certificate', async () => {
  const by = timeAuthority();
  const response = resigned(await stampBy(authority), by);
  assert.is((await checkTimeStamp({ response, message: NOTE, ca: by.ca })).trusted, true);
  assert.match(by.verify(response, NOTE), 'Verification: OK');
});

for (const [title, issuer] of [
  ['is no authority', 'basicConstraints = critical, CA:false'],
  ['may not issue', 'basicConstraints = critical, CA:true\nkeyUsage = critical, cRLSign'],
  [
    'is confined to names',
    'basicConstraints = critical, CA:true\nnameConstraints = critical, permitted;DNS:example.com',
  ],
] as const) {
  test(`a chain over a certificate that ${title} is not believed`, async () => {
    const by = timeAuthority({ issuer });
    const response = await stampBy(by);
    assert.is(await refused(checkTimeStamp({ response, message: NOTE, ca: by.ca })), 'untrusted_authority');
    assert.is((await checkTimeStamp({ response, message: NOTE })).trusted, false);
  });
}

test('a refusal is told as one', async () => {
  const query = timeStampRequest(NOTE, NONCE);
  // A hash algorithm that the authority does not take.
  const sha224 = Buffer.from(
    query.toString('hex').replace('60864801650304020105000420', '60864801650304020805000420'),
    'hex',
  );
  const response = await authority.stamp(sha224);
  assert.is(await refused(checkTimeStamp({ response, message: NOTE })), 'stamp_refused');
});

test('a stamp that was altered anywhere in what is signed is refused', async () => {
  let tried = 0;
  const start = stamped.indexOf(createHash('sha256').update(NOTE).digest());
  for (const at of [
    start,
    start + 40,
    start + 50,
    stamped.length - 200,
    stamped.length - 10,
    stamped.length - 1,
  ]) {
    const altered = Buffer.from(stamped);
    altered[at] = (altered[at] ?? 0) ^ 1;
    const code = await refused(
      checkTimeStamp({ response: altered, message: NOTE, nonce: NONCE, ca: authority.ca }),
    );
    assert.ok(
      ['bad_stamp', 'stamp_of_another_message', 'untrusted_authority'].includes(code),
      `${at}: ${code}`,
    );
    tried += 1;
  }
  assert.is(tried, 6);
});

test('no altered byte gives another time, message or authority', async () => {
  const right = await checkTimeStamp({ response: stamped, message: NOTE, ca: authority.ca });
  let refusals = 0;
  for (let at = 0; at < stamped.length; at += 4) {
    const altered = Buffer.from(stamped);
    altered[at] = (altered[at] ?? 0) ^ 0x41;
    try {
      const { time, authority: name } = await checkTimeStamp({
        response: altered,
        message: NOTE,
        ca: authority.ca,
      });
      assert.equal({ time, name }, { time: right.time, name: right.authority });
    } catch (error) {
      assert.instance(error, ProofError);
      refusals += 1;
    }
  }
  assert.ok(refusals > 150, `${refusals}`);
});

test('what is no time stamp at all is refused', async () => {
  for (const response of [
    Buffer.alloc(0),
    Buffer.from('<html>'),
    Buffer.alloc(60_000, 0x30),
    stamped.subarray(0, 900),
  ])
    assert.is(await refused(checkTimeStamp({ response, message: NOTE })), 'bad_stamp');
});

test('stamps are read from a folder, smallest first', async () => {
  const dir = join(tempDir(), 'stamps');
  assert.is(await newestStamp(dir), undefined);
  mkdirSync(dir);
  for (const size of [100, 9]) {
    writeFileSync(join(dir, `${size}.checkpoint`), `note of ${size}`);
    writeFileSync(join(dir, `${size}.tsr`), `stamp of ${size}`);
  }
  writeFileSync(join(dir, '101.checkpoint'), 'not stamped yet');
  const found: StoredStamp[] = [];
  for await (const stamp of readStamps(dir)) found.push(stamp);
  assert.equal(
    found.map(({ size, note, response }) => [size, note.toString(), response.toString()]),
    [
      [9, 'note of 9', 'stamp of 9'],
      [100, 'note of 100', 'stamp of 100'],
    ],
  );
  assert.is((await newestStamp(dir))?.size, 100);
});

test('a stamp without what was stamped is told', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, '5.tsr'), 'stamp');
  assert.is(await refused(newestStamp(dir)), 'stamp_alone');
});

/** The time of a token, signed anew by another authority's certificate through `openssl cms`. */
function resigned(response: Buffer, by: TimeAuthority): Buffer {
  const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(by.dir, name), bytes);
  write('good.tsr', response);
  const run = (...args: readonly string[]) => openssl(args, by.dir);
  run('ts', '-reply', '-in', 'good.tsr', '-token_out', '-out', 'good.p7');
  run('cms', '-verify', '-inform', 'DER', '-in', 'good.p7', '-noverify', '-out', 'info.der');
  const type = ['-econtent_type', '1.2.840.113549.1.9.16.1.4'];
  const how = ['-nodetach', '-nosmimecap', '-cades', '-binary', '-md', 'sha256', '-outform', 'DER'];
  const who = ['-signer', 'stamping.pem', '-inkey', 'stamping.key', '-certfile', 'issuing.pem'];
  run('cms', '-sign', ...how, ...type, ...who, '-in', 'info.der', '-out', 'bad.p7');
  const token = readFileSync(join(by.dir, 'bad.p7'));
  const granted = Buffer.from('3003020100', 'hex');
  return Buffer.concat([Buffer.of(0x30, 0x82), lengthOf(granted.length + token.length), granted, token]);
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes);
  return length;
}

test.run();
