/** Addresses of the Internet Protocol, as numbers. Pure. */

/** An address as its 4 or 16 bytes. */
export type AddressBytes = readonly number[];

/** A network in CIDR notation; a single address is one of its own. */
export interface Network {
  readonly bytes: AddressBytes;
  /** How many bits from the left are the network's. */
  readonly bits: number;
}

/** Everything that is not the public Internet (IANA's special-purpose registry for IPv4, multicast, and what is reserved). */
const INTERNAL_4 = networks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);
/** All that IANA has given out as global unicast; what is outside of it is internal. */
const GLOBAL_6 = networks(['2000::/3']);
/** Within it: IETF protocols (Teredo, benchmarks, ORCHID among them) and documentation. */
const INTERNAL_6 = networks(['2001::/23', '2001:db8::/32', '3fff::/20']);

/** Ways to write an IPv4 address into an IPv6 one that a gateway turns back, and where in it the address stands. */
const EMBEDDED: readonly { readonly network: Network; readonly at: number }[] = [
  { network: network('::ffff:0:0/96'), at: 12 },
  { network: network('64:ff9b::/96'), at: 12 },
  { network: network('2002::/16'), at: 2 },
];
const MAPPED = network('::ffff:0:0/96');
/** The middle of an ISATAP address (RFC 5214), whose last four bytes are an IPv4 address. */
const ISATAP = [0x5e, 0xfe];

/**
 * Whether an address is anything but one of the public Internet: this machine, a private network, a link's own, what a
 * cloud tells its machines (169.254.169.254), and so on. What is no address is internal, too.
 */
export function isInternal(address: string): boolean {
  const bytes = addressBytes(address);
  if (!bytes) return true;
  if (bytes.length === 4) return INTERNAL_4.some((each) => isIn(bytes, each));
  const embedded = EMBEDDED.find(({ network: each }) => isIn(bytes, each));
  if (embedded) return isInternal4(bytes, embedded.at);
  if (!GLOBAL_6.some((each) => isIn(bytes, each))) return true;
  if (INTERNAL_6.some((each) => isIn(bytes, each))) return true;
  return isIsatap(bytes) && isInternal4(bytes, 12);
}

/** The bytes of an address in its usual notation, and of no other: `127.1` and `0x7f000001` are none. */
export function addressBytes(text: string): AddressBytes | undefined {
  return text.includes(':') ? bytesOf6(text) : bytesOf4(text);
}

/** Such as `10.0.0.0/8`, `fd00::/8` or an address alone. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...more] = text.split('/');
  const bytes = addressBytes(address);
  if (!bytes || more.length > 0) return undefined;
  const most = bytes.length * 8;
  if (length === undefined) return { bytes, bits: most };
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return undefined;
  return { bytes, bits: Number(length) };
}

/** Whether an address lies in a network. An IPv4 address that is written as an IPv6 one (`::ffff:…`) is that address. */
export function isInNetwork(address: string, network: Network): boolean {
  const bytes = addressBytes(address);
  return bytes !== undefined && (isIn(bytes, network) || isIn(unmapped(bytes), network));
}

function unmapped(bytes: AddressBytes): AddressBytes {
  return isIn(bytes, MAPPED) ? bytes.slice(12) : bytes;
}

function isIn(bytes: AddressBytes, { bytes: prefix, bits }: Network): boolean {
  if (bytes.length !== prefix.length) return false;
  return bytes.every((byte, index) => {
    const own = Math.min(8, Math.max(0, bits - index * 8));
    return byte >> (8 - own) === (prefix[index] ?? 0) >> (8 - own);
  });
}

function isInternal4(bytes: AddressBytes, at: number): boolean {
  const embedded = bytes.slice(at, at + 4);
  return INTERNAL_4.some((each) => isIn(embedded, each));
}

function isIsatap(bytes: AddressBytes): boolean {
  return (
    [0x00, 0x02].includes(bytes[8] ?? -1) &&
    bytes[9] === 0 &&
    ISATAP.every((byte, i) => bytes[10 + i] === byte)
  );
}

function bytesOf4(text: string): AddressBytes | undefined {
  const parts = text.split('.');
  const plain = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part));
  const bytes = parts.map(Number);
  return plain && bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function bytesOf6(text: string): AddressBytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const last = halves.length - 1;
  const [head, tail] = [halves[0], halves[1] ?? ''].map((half, index) =>
    half === undefined || half === '' ? [] : wordsOf(half, index === last),
  );
  if (!head || !tail) return undefined;
  const missing = 16 - head.length - tail.length;
  // `::` stands for one group at least.
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** The bytes of groups, of which the last may be an IPv4 address. */
function wordsOf(half: string, mayEndIn4: boolean): AddressBytes | undefined {
  const bytes: number[] = [];
  const groups = half.split(':');
  for (const [index, group] of groups.entries()) {
    const four =
      mayEndIn4 && index === groups.length - 1 && group.includes('.') ? bytesOf4(group) : undefined;
    if (four) bytes.push(...four);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const word = Number.parseInt(group, 16);
      bytes.push(word >> 8, word & 0xff);
    } else return undefined;
  }
  return bytes;
}

function networks(texts: readonly string[]): readonly Network[] {
  return texts.map(network);
}

function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (!parsed) throw new TypeError(`${text} is no network.`);
  return parsed;
}
