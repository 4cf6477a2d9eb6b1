/** The cookies of this site: that of a session, and that of a sign-on under way. */
export interface CookieNames {
  readonly session: string;
  readonly signOn: string;
  /** Sent over https alone. */
  readonly secure: boolean;
}

/**
 * Over https the names bind the cookies to this very host. On loopback every port of the host sees every cookie, so
 * the port is in the name; that such a cookie is seen elsewhere is why a session alone never decides.
 */
export function cookieNames(publicUrl: URL): CookieNames {
  if (publicUrl.protocol === 'https:')
    return { session: '__Host-placet', signOn: '__Host-placet-sso', secure: true };
  const port = publicUrl.port === '' ? '80' : publicUrl.port;
  return { session: `placet_session_${port}`, signOn: `placet_sso_${port}`, secure: false };
}

/**
 * The value of a cookie. Nothing where two have its name: whoever planted the second could be the one who is
 * believed.
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

/** A `Set-Cookie` line. @param maxAge seconds; 0 forgets the cookie */
export function cookieLine(name: string, value: string, maxAge: number, { secure }: CookieNames): string {
  return `${name}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(maxAge))}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
