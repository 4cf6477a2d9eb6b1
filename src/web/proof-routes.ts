import { DecisionError, messageOf } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { proveEntry } from '../tlog/prove.ts';
import type { ConsoleKit } from './console-kit.ts';
import * as problems from './problems.ts';
import type { ServedLog } from './served-log.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';
import { isProvable } from './views/story.ts';

/**
 * Hands out the proof that an entry stands in the log (C2SP tlog-proof), to whoever may see the entry's request. It
 * waits for a checkpoint and has none made: reading changes nothing.
 */
export function createProofRoute(
  options: Pick<ReviewSiteOptions, 'reviews' | 'journal' | 'log' | 'tlog'>,
  parts: { readonly kit: SiteKit; readonly consoleKit: ConsoleKit },
): (c: Ctx) => Promise<Response> {
  const { kit, consoleKit } = parts;
  const { tlog: served } = options;

  /** The entry's bytes, if the person may see its request and it is one that is proven to people. */
  const seenBy = async (person: string, seq: number): Promise<Uint8Array | undefined> => {
    const line = seq < options.journal().entries ? await lineAt(served, seq) : undefined;
    const requestId = line && requestIdIn(line);
    if (requestId === undefined) return undefined;
    try {
      const story = await options.reviews.story(person, requestId);
      return story.some((entry) => entry.seq === seq && isProvable(entry)) ? line : undefined;
    } catch (thrown) {
      if (thrown instanceof DecisionError) return undefined;
      throw thrown;
    }
  };

  return async (c) => {
    const asked = c.req.param('seq') ?? '';
    const index = /^(?:0|[1-9]\d{0,14})$/.test(asked) ? Number(asked) : undefined;
    const { person } = consoleKit.visitorOf(c).session;
    try {
      const line = index === undefined ? undefined : await seenBy(person, index);
      if (index === undefined || !line) return await kit.refuse(c, problems.NO_ENTRY);
      const newest = served.newest();
      if (!newest || index >= newest.size) return await kit.refuse(c, problems.NOT_COVERED);
      const proof = await proveEntry({ index, line, checkpoint: newest.note, readTile: served.tile });
      return c.body(proof, 200, {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename="${index}.tlog-proof"`,
      });
    } catch (thrown) {
      options.log(`web: the entry ${index} cannot be proven: ${messageOf(thrown)}`);
      return kit.refuse(c, problems.LOG_UNREADABLE);
    }
  };
}

async function lineAt(served: ServedLog, seq: number): Promise<Uint8Array | undefined> {
  for await (const line of served.lines(seq, seq + 1)) return line;
  return undefined;
}

function requestIdIn(line: Uint8Array): string | undefined {
  const entry: unknown = JSON.parse(Buffer.from(line).toString('utf8'));
  return isJsonObject(entry) && typeof entry['request_id'] === 'string' ? entry['request_id'] : undefined;
}
