/* oxlint-disable unicorn/prefer-add-event-listener -- the MCP SDK's callbacks are properties */
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../core/errors.ts';
import type { Link, LinkEvents } from './link.ts';
import { readValue } from './read-message.ts';
import { valueOf } from './write-message.ts';

export interface SdkLinkOptions {
  readonly transport: Transport;
  /** Whether the other side may have taken a message whose sending failed, and why it failed. */
  readonly failureOf?: (error: unknown) => { readonly error: Error; readonly sent: boolean };
}

/** A link over one of the MCP SDK's transports, which are in HTTP what lines are in a stream. */
export function createSdkLink({ transport, failureOf = unknownFailure }: SdkLinkOptions): Link {
  let events: LinkEvents | undefined;
  let closed = false;

  return {
    async start(given) {
      events = given;
      transport.onmessage = (message) => {
        const found = readValue(message);
        if (found.kind === 'trouble') given.trouble(found.what, found.id);
        else given.message(found.message);
      };
      transport.onerror = (error) => given.trouble(`nothing usable: ${failureOf(error).error.message}`);
      transport.onclose = () => {
        if (closed) return;
        closed = true;
        given.closed();
      };
      await transport.start();
    },

    send(message, { related } = {}) {
      const value = valueOf(message) as unknown as JSONRPCMessage;
      transport
        .send(value, related === undefined ? {} : { relatedRequestId: related })
        .catch((thrown: unknown) => {
          const { error, sent } = failureOf(thrown);
          events?.failed(message, error, sent);
        });
    },

    backlog: () => 0,
    // What a peer sends over HTTP is held up, where it can be, by whoever reads the bodies.
    pause: () => undefined,
    resume: () => undefined,
    agreed: (version) => transport.setProtocolVersion?.(version),
    close: () => transport.close(),
  };
}

function unknownFailure(thrown: unknown): { readonly error: Error; readonly sent: boolean } {
  return { error: thrown instanceof Error ? thrown : new Error(messageOf(thrown)), sent: true };
}
