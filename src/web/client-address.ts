import type { Ctx } from './site-context.ts';

/**
 * Whose tries are counted where nobody is known: the address of the other end, an IPv6 one by its network of 64
 * bits. Behind a proxy on this machine it is what the proxy wrote last into `X-Forwarded-For`; what stands before
 * that anyone can write.
 */
export function clientAddress(c: Ctx, publicUrl: URL): string {
  const peer = c.env?.incoming?.socket.remoteAddress;
  return addressBehind(peer, c.req.header('x-forwarded-for'), publicUrl);
}

/** The same, of what the other end is and what it forwards. */
export function addressBehind(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  publicUrl: URL,
): string {
  const peer = networkOf(remoteAddress ?? 'unknown');
  if (!isLoopback(peer) || isLoopback(publicUrl.hostname)) return peer;
  const forwarded = forwardedFor?.split(',').at(-1)?.trim();
  return forwarded && /^[0-9a-fA-F.:]{2,45}$/.test(forwarded) ? networkOf(forwarded) : peer;
}

/** An address, an IPv6 one by its network of 64 bits. */
export function networkOf(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (!plain.includes(':') || plain === '::1') return plain;
  const [head = '', tail] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  return [...front, ...Array<string>(zeros).fill('0'), ...back].slice(0, 4).join(':');
}

function isLoopback(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host);
}
