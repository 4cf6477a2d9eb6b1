import { BadAnswer } from './failures.ts';

/** Lets bytes through, or holds them up. */
export interface Valve {
  readonly shut: () => void;
  readonly open: () => void;
  /** Resolves while it is open. */
  passed(): Promise<void>;
}

export function createValve(): Valve {
  let shut = false;
  let waiting: (() => void)[] = [];
  return {
    shut: () => {
      shut = true;
    },
    open: () => {
      shut = false;
      for (const go of waiting.splice(0)) go();
      waiting = [];
    },
    passed: () =>
      shut
        ? new Promise((resolve) => {
            waiting.push(resolve);
          })
        : Promise.resolve(),
  };
}

/**
 * The same response, whose body is read no faster than the valve lets it, and no further than the limit: that of the
 * whole body, or of each event in a stream of events.
 */
export function watchBody(
  response: Response,
  options: {
    readonly maxBytes: number;
    readonly valve: Valve;
    /** Nothing more will come. Not called for a stream that its reader can resume. */
    readonly ended: (error: Error) => void;
  },
): Response {
  const { maxBytes, valve, ended } = options;
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (!reader) return response;
  const isEvents = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  let size = 0;
  let isFirst = true;
  let resumable = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        await valve.passed();
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          // A stream whose events have ids is resumed by the SDK.
          if (!resumable) ended(new Error('it ended its response without an answer'));
          return;
        }
        resumable ||= isEvents && hasEventId(value, isFirst);
        isFirst = false;
        const next = isEvents ? afterLastEvent(value) : undefined;
        size = next === undefined ? size + value.length : value.length - next;
        if (size > maxBytes) {
          throw new BadAnswer(`its answer is larger than ${maxBytes} bytes, which is the limit`);
        }
        controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        if (error instanceof BadAnswer) {
          ended(error);
          await reader.cancel();
        } else if (!resumable) {
          ended(new Error('its response broke off'));
        }
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

/** Where the last event that ends in this chunk ends; an end that two chunks share counts with the next. */
function afterLastEvent(chunk: Uint8Array): number | undefined {
  const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const end = Math.max(...['\n\n', '\n\r\n', '\r\r'].map((blank) => buffer.lastIndexOf(blank)));
  return end < 0 ? undefined : end + 2;
}

/** At the beginning of a chunk that is not the first there may be text of an event. */
function hasEventId(chunk: Uint8Array, isFirst: boolean): boolean {
  return (isFirst ? /^id:/m : /[\r\n]id:/).test(Buffer.from(chunk).toString('latin1'));
}
