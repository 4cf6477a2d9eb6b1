import { BlockList } from 'node:net';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressBytes, isInNetwork, isInternal, parseNetwork } from '../../../src/notify/webhook/address.ts';

const INTERNAL = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.0',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::8.8.8.8',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::FFFF:A9FE:A9FE',
  '0:0:0:0:0:ffff:10.0.0.1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::8.8.8.8',
  '100::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:2::1',
  '2001:20::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '2002:a00:1::',
  '2002:c0a8:101::1',
  '2a00:1450:4001:800:0:5efe:10.0.0.1',
  '2a00:1450:4001:800:200:5efe:127.0.0.1',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fdff:ffff::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
];
const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '2002:808:808::1',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2606:4700:4700::1111',
  '2a00:1450:4001:800:0:5efe:8.8.8.8',
];
const NO_ADDRESSES = [
  '',
  'localhost',
  '127.1',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '2130706433',
  '127.0.0.01',
  '256.0.0.1',
  '1.2.3.4.5',
  '1.2.3.',
  ' 1.2.3.4',
  '１.1.1.1',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4:5:6:7::8',
  '12345::',
  'g::1',
  '[::1]',
  '::1.2.3',
  '1.2.3.4::',
  '::ffff:1.2.3.4:5',
];

const ipv4 = fc.ipV4();
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** Eight groups, none of them left out. */
function full(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  ).join(':');
}

test('every address that is not of the public Internet is internal', () => {
  assert.equal(
    INTERNAL.filter((address) => !isInternal(address)),
    [],
  );
});

test('addresses of the public Internet are not, the neighbours of what is internal among them', () => {
  assert.equal(
    PUBLIC.filter((address) => isInternal(address)),
    [],
  );
});

test('what is no address in its usual notation has no bytes, and is internal', () => {
  assert.equal(
    NO_ADDRESSES.filter((text) => addressBytes(text) !== undefined || !isInternal(text)),
    [],
  );
});

test('an IPv4 address is judged alike however it is written into an IPv6 one', () => {
  fc.assert(
    fc.property(ipv4, (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      const forms = [
        `::ffff:${address}`,
        `::ffff:${hex}`,
        `0:0:0:0:0:FFFF:${address}`,
        `64:ff9b::${address}`,
        `64:ff9b::${hex}`,
        `2002:${hex}::`,
        `2002:${hex}:1:2:3:4:5`,
      ];
      assert.equal(
        forms.map((form) => isInternal(form)),
        forms.map(() => isInternal(address)),
      );
    }),
    { numRuns: 2000 },
  );
});

test('an IPv6 address has the same bytes however it is written', () => {
  fc.assert(
    fc.property(bytes16, (bytes) => {
      const long = full(bytes);
      const short = new URL(`http://[${long}]/`).hostname.slice(1, -1);
      const tail = bytes.slice(12).join('.');
      const mixed = `${long.split(':').slice(0, 6).join(':')}:${tail}`;
      for (const form of [long, long.toUpperCase(), short, mixed])
        assert.equal(addressBytes(form), [...bytes]);
    }),
    { numRuns: 2000 },
  );
});

test('an address that a URL takes for another notation is judged by what the URL makes of it', () => {
  for (const host of [
    '127.1',
    '0x7f000001',
    '0177.0.0.1',
    '2130706433',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '017700000001',
  ]) {
    assert.is(new URL(`http://${host}/`).hostname.replace(/\.$/, ''), '127.0.0.1');
  }
  assert.is(isInternal('127.0.0.1'), true);
});

test('an address lies in a network exactly when Node says so', () => {
  const near = (bits: number, bytes: readonly number[], flips: readonly number[]): number[] =>
    bytes.map(
      (byte, index) => byte ^ (flips.includes(bits - 1) && index === Math.floor((bits - 1) / 8) ? 1 : 0),
    );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 32 }),
      ipv4,
      fc.oneof(ipv4, fc.constant(undefined)),
      fc.array(fc.nat(31)),
      (bits, network, other, flips) => {
        const address = other ?? near(bits, network.split('.').map(Number), flips).join('.');
        const parsed = parseNetwork(`${network}/${bits}`);
        assert.ok(parsed);
        const list = new BlockList();
        list.addSubnet(network, bits, 'ipv4');
        assert.is(
          isInNetwork(address, parsed),
          list.check(address, 'ipv4'),
          `${address} in ${network}/${bits}`,
        );
      },
    ),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 128 }), bytes16, fc.nat(127), (bits, network, flip) => {
      const other = network.map((byte, index) => (index === flip >> 3 ? byte ^ (0x80 >> (flip & 7)) : byte));
      const parsed = parseNetwork(`${full(network)}/${bits}`);
      assert.ok(parsed);
      assert.is(isInNetwork(full(network), parsed), true);
      assert.is(isInNetwork(full(other), parsed), flip >= bits);
    }),
    { numRuns: 3000 },
  );
});

test('an IPv4 address in the notation of IPv6 lies in the networks of that address', () => {
  const network = parseNetwork('10.0.0.0/8');
  assert.ok(network);
  assert.is(isInNetwork('::ffff:10.1.2.3', network), true);
  assert.is(isInNetwork('::ffff:11.1.2.3', network), false);
  assert.is(isInNetwork('64:ff9b::10.1.2.3', network), false);
  assert.is(isInNetwork('nonsense', network), false);
});

test('what is no network is none', () => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10/8',
    '10.0.0.0/-1',
    '10.0.0.0/ 8',
    'host/8',
  ])
    assert.is(parseNetwork(text), undefined, text);
});

test('nobody’s bytes are random: any text at all is judged without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.type(isInternal(text), 'boolean');
      parseNetwork(text);
    }),
    { numRuns: 2000 },
  );
});

test.run();
