import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import type { ClientHello } from './client-side.ts';
import type { OfferView, ServerOffer } from './offers.ts';
import { LATEST_REVISION, REVISIONS } from './revisions.ts';
import { INSTRUCTIONS } from './own-tools.ts';

/** What Placet can do itself, whatever stands behind it. */
const OWN_CAPABILITIES: JsonObject = {
  tools: { listChanged: true },
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
};

/** What a client says of itself, as it said it; of what it left out, what stood before. */
export function helloOf(params: JsonObject, before: ClientHello): ClientHello {
  const { capabilities, clientInfo } = params;
  return {
    protocolVersion: versionFor(params.protocolVersion),
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    clientInfo: isJsonObject(clientInfo) ? clientInfo : before.clientInfo,
  };
}

/**
 * The answer to `initialize`. With one server behind it, Placet says of itself what that server says; with several,
 * who said what.
 */
export function greeting(options: {
  readonly asked: unknown;
  readonly view: OfferView;
  readonly software: string;
}): JsonObject {
  const { asked, view, software } = options;
  const offers = view.offers().filter((offer) => isOffering(offer, view));
  const [only, another] = offers;
  const own = { name: 'placet', version: software };
  return {
    protocolVersion: versionFor(asked),
    capabilities: offers.reduce<JsonObject>(
      (union, { hello }) => merge(union, hello?.capabilities ?? {}),
      OWN_CAPABILITIES,
    ),
    serverInfo: only && !another ? { ...own, ...only.hello?.serverInfo } : own,
    instructions:
      only && !another
        ? [only.hello?.instructions, INSTRUCTIONS].filter(Boolean).join('\n\n')
        : [
            INSTRUCTIONS,
            ...offers.flatMap(({ server, hello }) =>
              hello?.instructions === undefined
                ? []
                : [`# The server ${server} says\n\n${hello.instructions}`],
            ),
          ].join('\n\n'),
  };
}

function isOffering({ server, hello, prompts, resources, templates }: ServerOffer, view: OfferView): boolean {
  if (!hello) return false;
  const lists = prompts.length + resources.length + templates.length;
  return (
    lists > 0 ||
    isJsonObject(hello.capabilities.resources) ||
    view.tools().some((tool) => tool.server === server)
  );
}

function versionFor(asked: unknown): string {
  return typeof asked === 'string' && REVISIONS.includes(asked) ? asked : LATEST_REVISION;
}

/** Of two values for one capability the first stays, but a yes is worth more than a no. */
function merge(first: JsonObject, second: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...first };
  for (const [name, theirs] of Object.entries(second)) {
    const ours = Object.hasOwn(merged, name) ? merged[name] : undefined;
    if (ours === undefined) define(merged, name, theirs);
    else if (isJsonObject(ours) && isJsonObject(theirs)) define(merged, name, merge(ours, theirs));
    else if (theirs === true) define(merged, name, true);
  }
  return merged;
}

/** An own member, whatever it is called. */
function define(object: Record<string, Json>, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
