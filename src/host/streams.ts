import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import type { EventContext } from '../events/reading.ts';
import type { Format } from '../events/format.ts';
import type { Changes } from '../guard/context.ts';
import { diskReason, makeFolder, realDisk } from '../journal/disk.ts';
import type { Journal } from '../journal/journal.ts';
import type { StreamSettings } from '../stream-settings.ts';
import type { StreamState } from '../stream/pump.ts';
import type { Sink } from '../stream/sink.ts';

/** Entries on their way to security teams. The drivers of sinks are named here, and loaded where one is set up. */
export interface Streams {
  states(): readonly StreamState[];
  /** What people of the workspace have to mend. */
  problems(): readonly string[];
  close(): Promise<void>;
}

interface StreamParts {
  readonly settings: Pick<Settings, 'data' | 'streams'>;
  readonly journal: Journal;
  readonly changes: Changes;
  /** The name of the key that signs checkpoints. */
  readonly origin: string;
  readonly software: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const NONE: Streams = { states: () => [], problems: () => [], close: async () => undefined };

/** A batch: so many entries, or so many bytes, whichever is reached first. */
const MAX_COUNT = 500;
const MAX_BYTES = 768 * 1024;

/** @throws ConfigError where certificates that a setting names cannot be read */
export async function openStreams(parts: StreamParts): Promise<Streams> {
  const { settings, journal, changes, origin, software } = parts;
  if (settings.streams.length === 0) return NONE;
  const [
    { createPump },
    { createTail },
    { createCalls },
    { openCursorFile },
    { openDeadLetters },
    { FORMATS },
  ] = await Promise.all([
    import('../stream/pump.ts'),
    import('../stream/tail.ts'),
    import('../stream/calls.ts'),
    import('../stream/cursor.ts'),
    import('../stream/dead-letters.ts'),
    import('../events/format.ts'),
  ]);
  const folder = join(settings.data, 'streams');
  await makeFolder(realDisk, folder);
  const tail = createTail();
  const context = { software, origin };
  const opened = await Promise.all(
    settings.streams.map(async (stream) => ({
      stream,
      sink: await sinkOf(stream, FORMATS[stream.format], context, parts.clock),
      deadLetters: await openDeadLetters(folder, stream.name),
    })),
  );
  const pumps = opened.map(({ stream, sink, deadLetters }) =>
    createPump({
      ...parts,
      name: stream.name,
      sink,
      deadLetters,
      cursor: openCursorFile({ disk: realDisk, folder, name: stream.name, journal }),
      begin: stream.begin,
      tail,
      calls: createCalls(journal),
      format: FORMATS[stream.format],
      context,
      redacted: new Set(stream.redacted),
      maxCount: MAX_COUNT,
      maxBytes: MAX_BYTES,
    }),
  );
  const unsubscribe = changes.subscribe((entry) => {
    tail.push(entry);
    for (const pump of pumps) pump.poke();
  });
  const states = (): readonly StreamState[] => pumps.map((pump) => pump.state());

  return {
    states,
    problems: () => states().flatMap(problemsOf),
    async close() {
      unsubscribe();
      await Promise.all(pumps.map((pump) => pump.close()));
    },
  };
}

function problemsOf({ name, behind, dead_letters, trouble }: StreamState): readonly string[] {
  return [
    ...(trouble === undefined ? [] : [`The stream ${name} is ${behind} entries behind. ${trouble}`]),
    ...(dead_letters === 0
      ? []
      : [
          `The receiver of the stream ${name} refused ${dead_letters} entries for good: they are in data/streams/${name}.dead-letters.jsonl; move that file away when they are dealt with.`,
        ]),
  ];
}

/** A few lines for each file of `stream/sinks/`. */
async function sinkOf(
  stream: StreamSettings,
  format: Format,
  context: Omit<EventContext, 'call'>,
  clock: Clock,
): Promise<Sink> {
  const { to } = stream;
  const common = { format, context, clock, ...(await certificatesOf(stream)) };
  switch (to.kind) {
    case 'file': {
      const { createFileSink } = await import('../stream/sinks/file.ts');
      return createFileSink({ ...common, ...to });
    }
    case 'syslog': {
      const { createSyslogSink } = await import('../stream/sinks/syslog.ts');
      return createSyslogSink({ ...common, ...to });
    }
    case 'http': {
      const { createHttpSink } = await import('../stream/sinks/http.ts');
      return createHttpSink({ ...common, ...to });
    }
    case 'splunk': {
      const { createSplunkSink } = await import('../stream/sinks/splunk.ts');
      const { origin } = context;
      return createSplunkSink({ ...common, ...to, origin, format: stream.format, json: format.json });
    }
  }
}

async function certificatesOf({ name, ca }: StreamSettings): Promise<{ readonly ca?: string }> {
  if (ca === undefined) return {};
  try {
    return { ca: await readFile(ca, 'utf8') };
  } catch (error) {
    const setting = `PLACET_STREAM_${name.toUpperCase().replaceAll('-', '_')}_CA`;
    throw new ConfigError(
      'bad_setting',
      `${setting} names certificates that cannot be read: ${diskReason(error)}. Mend it in .env or in the environment.`,
      { cause: error },
    );
  }
}
