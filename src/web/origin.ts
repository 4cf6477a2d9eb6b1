const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Where a request claims to go to and to come from. */
export interface Addressed {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which a page's script cannot set. */
  readonly fetchSite: string | undefined;
  /** The port on which it came in, where that is known. */
  readonly localPort: number | undefined;
}

/** Whether `Host` is ours: a name that points here by DNS rebinding is not. */
export function isOurHost(request: Addressed, publicUrl: URL): boolean {
  const host = request.host?.toLowerCase();
  if (host === undefined) return false;
  return host === publicUrl.host || loopbackHosts(request.localPort).includes(host);
}

/**
 * Whether a request that may change something comes from a page of ours: by its `Origin` where it has one, and by
 * `Sec-Fetch-Site` where it has that. One that has neither is no browser's form and is refused.
 */
export function isOurOrigin(request: Addressed, publicUrl: URL): boolean {
  const { origin, fetchSite } = request;
  if (origin === undefined && fetchSite === undefined) return false;
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false;
  if (origin === undefined) return true;
  return (
    origin === publicUrl.origin ||
    loopbackHosts(request.localPort).some((host) => origin === `http://${host}`)
  );
}

/** Whether a page of another site sent it. What is sent by no page, as programs do, comes from nowhere foreign. */
export function isForeign(request: Addressed, publicUrl: URL): boolean {
  const { origin, fetchSite } = request;
  if (origin === undefined) return fetchSite === 'cross-site' || fetchSite === 'same-site';
  return !isOurOrigin(request, publicUrl);
}

function loopbackHosts(port: number | undefined): readonly string[] {
  if (port === undefined) return [];
  return LOOPBACK_NAMES.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}
