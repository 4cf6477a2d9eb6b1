import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { messageOf } from '../core/errors.ts';
import { HASH_BYTES } from '../tlog/merkle.ts';
import { parseTilePath, TILE_WIDTH, widthIn, type TileName } from '../tlog/tile.ts';
import { tokenCheck } from './monitor-token.ts';
import * as problems from './problems.ts';
import type { ServedLog } from './served-log.ts';
import type { Ctx, SiteKit } from './site-context.ts';
import type { ReviewSiteOptions } from './site-options.ts';

type Route = (c: Ctx) => Promise<Response>;

/** The log for monitors (C2SP tlog-tiles). */
export interface LogRoutes {
  readonly checkpoint: Route;
  /** Hashes, which reveal nothing and are for everybody. */
  readonly tile: Route;
  /** Entries, for whoever has the monitors' token; a session opens nothing here. */
  readonly entries: Route;
}

const FOR_EVER = 'max-age=31536000, immutable';
const BYTES = 'application/octet-stream';
const compressed = promisify(gzip);

export function createLogRoutes(
  options: Pick<ReviewSiteOptions, 'limits' | 'log' | 'tlog'>,
  kit: SiteKit,
): LogRoutes {
  const { tlog: served } = options;
  const isMonitor = tokenCheck(served.monitorToken);

  /** What the address names, if what is signed has it: nobody is given what may still turn out otherwise. */
  const named = (c: Ctx): TileName | undefined => {
    const name = parseTilePath(pathOf(c).slice(1));
    const size = served.newest()?.size ?? 0;
    return name && name.width <= widthIn(size, name.level, name.index) ? name : undefined;
  };

  /** @returns nothing where it could not be read, which the host's log is told */
  const read = async (what: () => Promise<Buffer>): Promise<Buffer | undefined> => {
    try {
      return await what();
    } catch (thrown) {
      options.log(`web: the log cannot be served: ${messageOf(thrown)}`);
      return undefined;
    }
  };

  return {
    async checkpoint(c) {
      const newest = served.newest();
      if (!newest) return kit.refuse(c, problems.NO_CHECKPOINT);
      return c.body(newest.note, 200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Cache-Control': 'public, max-age=2',
      });
    },

    async tile(c) {
      const name = named(c);
      if (name?.kind !== 'hashes') return kit.refuse(c, problems.NO_TILE);
      const bytes = await read(() => tileBytes(served, name));
      if (!bytes) return kit.refuse(c, problems.LOG_UNREADABLE);
      return c.body(new Uint8Array(bytes), 200, {
        'Content-Type': BYTES,
        'Cache-Control': `public, ${FOR_EVER}`,
      });
    },

    async entries(c) {
      // Not 404: a monitor would take that for entries that the log has lost.
      if (served.monitorToken === undefined) return kit.refuse(c, problems.ENTRIES_CLOSED);
      await options.limits.count('api', `monitor ${kit.addressOf(c)}`);
      if (!isMonitor(c.req.header('authorization'))) {
        c.header('WWW-Authenticate', 'Bearer realm="Placet log entries"');
        return kit.refuse(c, problems.NO_MONITOR);
      }
      const name = named(c);
      if (name?.kind !== 'entries') return kit.refuse(c, problems.NO_TILE);
      const bundle = await read(() => bundleBytes(served, name));
      if (!bundle) return kit.refuse(c, problems.LOG_UNREADABLE);
      const zipped = takesGzip(c.req.header('accept-encoding'));
      return c.body(new Uint8Array(zipped ? await compressed(bundle) : bundle), 200, {
        'Content-Type': BYTES,
        'Cache-Control': `private, ${FOR_EVER}`,
        Vary: 'Accept-Encoding',
        ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
      });
    },
  };
}

/** As it was asked for: what has been decoded or made shorter is another spelling, and tiles have one each. */
function pathOf(c: Ctx): string {
  return c.env?.incoming?.url ?? c.req.url.slice(new URL(c.req.url).origin.length);
}

async function tileBytes(served: ServedLog, name: TileName): Promise<Buffer> {
  const { level, index, width } = name;
  const bytes = Buffer.from(await served.tile({ level, index, width })).subarray(0, width * HASH_BYTES);
  if (bytes.length === width * HASH_BYTES) return bytes;
  throw new RangeError(`the tile ${level}/${index} is too short`);
}

/** Each entry behind its length, two bytes, big-endian. */
async function bundleBytes(served: ServedLog, { index, width }: TileName): Promise<Buffer> {
  const from = index * TILE_WIDTH;
  const parts: Uint8Array[] = [];
  for await (const line of served.lines(from, from + width)) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(line.byteLength);
    parts.push(length, line);
  }
  if (parts.length === width * 2) return Buffer.concat(parts);
  throw new RangeError(`there are ${parts.length / 2} entries from ${from} on and not ${width}`);
}

/** RFC 9110, 12.5.3. */
function takesGzip(header = ''): boolean {
  const weights = new Map(
    header.split(',').map((offer) => {
      const [coding = '', weight = 'q=1'] = offer.toLowerCase().split(';');
      return [coding.trim(), Number(weight.trim().replace(/^q=/, ''))] as const;
    }),
  );
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
