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

/** The same response, whose body is read no faster than the valve lets it and no further than the limit. */
export function watchBody(
  response: Response,
  options: {
    /** In bytes; nothing for a stream that does not end. */
    readonly maxBytes: number | undefined;
    readonly valve: Valve;
    /** Nothing more will come. Not called for a stream that its reader can resume. */
    readonly ended: (error: Error) => void;
  },
): Response {
  const { maxBytes, valve, ended } = options;
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (!reader) return response;
  let size = 0;
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
        if (size === 0) resumable = hasEventId(value);
        size += value.length;
        if (maxBytes !== undefined && size > maxBytes) {
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

function hasEventId(chunk: Uint8Array): boolean {
  return /^id:/m.test(Buffer.from(chunk).toString('latin1'));
}
