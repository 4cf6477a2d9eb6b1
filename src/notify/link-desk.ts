import type { Draft } from '../core/entry.ts';
import type { Random } from '../core/ids.ts';
import type { Request } from '../core/request.ts';
import { mintLink } from '../core/link.ts';

/**
 * Appends what `drafts` makes of the newest state of the request, again after a conflict; nothing is appended
 * where it makes nothing.
 */
export type UpdateRequest = (
  requestId: string,
  drafts: (request: Request) => readonly Draft[] | undefined,
) => Promise<Request | undefined>;

interface Minted {
  readonly link: Promise<string | undefined>;
  /** Some channel was given it, so the reviewer may have it. */
  used: boolean;
}

export interface LinkDesk {
  /** The reviewer's link, minted and journalled at its first use; nothing when the request is pending no more. */
  linkFor(requestId: string, reviewer: string): Promise<string | undefined>;
  markUsed(requestId: string, reviewer: string): void;
  /** Minted here, and never given to any channel. */
  isUnused(requestId: string, reviewer: string): boolean;
  /** Nobody is told of this request any more. */
  forget(requestId: string): void;
}

/**
 * Mints one link for a reviewer of a request, whatever the number of channels, and keeps it in memory for
 * repeated attempts. Its hash is in the journal before anyone sees it. After a restart a fresh one is minted;
 * the one that may have been sent before goes on working.
 */
export function createLinkDesk(options: {
  readonly update: UpdateRequest;
  readonly publicUrl: string;
  readonly random: Random;
}): LinkDesk {
  const minted = new Map<string, Map<string, Minted>>();
  const base = options.publicUrl.replace(/\/+$/, '');

  const mint = async (requestId: string, reviewer: string): Promise<string | undefined> => {
    const { token, sha256 } = mintLink(options.random);
    let issued = false;
    await options.update(requestId, (request) => {
      issued = request.phase.kind === 'pending';
      return issued
        ? [{ type: 'link.issued', request_id: requestId, reviewer, link_sha256: sha256 }]
        : undefined;
    });
    return issued ? `${base}/r/${token}` : undefined;
  };

  return {
    async linkFor(requestId, reviewer) {
      const links = minted.get(requestId) ?? new Map<string, Minted>();
      minted.set(requestId, links);
      const known = links.get(reviewer);
      if (known) return known.link;
      const link = mint(requestId, reviewer);
      links.set(reviewer, { link, used: false });
      try {
        return await link;
      } catch (error) {
        links.delete(reviewer);
        throw error;
      }
    },
    markUsed(requestId, reviewer) {
      const known = minted.get(requestId)?.get(reviewer);
      if (known) known.used = true;
    },
    isUnused: (requestId, reviewer) => minted.get(requestId)?.get(reviewer)?.used === false,
    forget: (requestId) => void minted.delete(requestId),
  };
}
