import { DownstreamError } from '../../core/errors.ts';
import type { Grant } from './grant-file.ts';

/**
 * A downstream names the authorization server itself: one that was broken into must not have secrets sent wherever it
 * likes.
 *
 * @throws DownstreamError `downstream_unavailable`
 */
export function mustBeTrusted(
  named: string,
  by: {
    readonly server: string;
    /** The downstream's address. */
    readonly url: string;
    readonly config: { readonly issuer?: string; readonly clientSecret?: string };
    /** Who granted something before. */
    readonly pinned: string | undefined;
  },
): void {
  const { server, url, config, pinned } = by;
  const told = JSON.stringify(named.slice(0, 200));
  if (config.issuer !== undefined) {
    if (isSameIssuer(named, config.issuer)) return;
    throw refused(
      `The server ${server} names the authorization server ${told}, and mcp.json another as its placet.oauth.issuer: nothing was sent there; correct the issuer in mcp.json if the server has really moved.`,
    );
  }
  if (pinned !== undefined) {
    if (isSameIssuer(named, pinned)) return;
    throw refused(
      `The server ${server} names the authorization server ${told}, where it was ${pinned} before: nothing was sent there; if it has really moved, name the new one in mcp.json as placet.oauth.issuer of ${server}.`,
    );
  }
  if (config.clientSecret !== undefined && originOf(named) !== originOf(url)) {
    throw refused(
      `The server ${server} wants its client_secret sent to the authorization server ${told}, which is not its own: name that one in mcp.json as placet.oauth.issuer of ${server} if the secret is meant for it.`,
    );
  }
}

/** Grants of earlier versions say it of their tokens or their registration alone, where the SDK has noted it. */
export function issuerOf(grant: Grant | undefined): string | undefined {
  return grant?.issuer ?? grant?.tokens?.issuer ?? grant?.client?.issuer;
}

/** By the SDK's own rule: a slash at the end makes no difference. */
function isSameIssuer(one: string, other: string): boolean {
  return normal(one) === normal(other);
}

function normal(issuer: string): string {
  return (URL.canParse(issuer) ? new URL(issuer).href : issuer).replace(/\/$/, '');
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

function refused(sentence: string): DownstreamError {
  return new DownstreamError('downstream_unavailable', sentence);
}
