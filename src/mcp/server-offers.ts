import { timestamp, type Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Random } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { backoff } from './backoff.ts';
import type { CatalogueCache } from './catalogue-file.ts';
import type { ClientHello } from './client-side.ts';
import type { Offering } from './lane.ts';
import type { KeptOffer } from './offer.ts';
import type { PinnedList, Pinning } from './pinning.ts';
import type { ServerConfig } from './servers.ts';

export interface ServerOffersOptions {
  readonly server: ServerConfig;
  /** Asks the server what it offers a client that says this of itself. @throws DownstreamError */
  readonly ask: (server: ServerConfig, hello: ClientHello) => Promise<Offering>;
  readonly cache: CatalogueCache;
  readonly pinning: Pinning;
  /** Whether a client of this profile is there. */
  readonly isUsed: (profile: string) => boolean;
  /** A list came from the server. */
  readonly onList: (offering: Offering) => void;
  /** What is offered, or could be, is another. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How long anybody waits for an answer, in milliseconds. */
  readonly patienceMs: number;
}

/** How a server stands with one kind of client. */
export interface ProfileState {
  /** What came last, and may be on its way into the journal. */
  readonly came: KeptOffer | undefined;
  /** What stands in the journal. */
  readonly pinned: KeptOffer | undefined;
  readonly error: string | undefined;
  readonly retryAt: string | undefined;
  readonly trouble: readonly string[];
}

/** What one server offers, by profile: asked once, kept, and asked again when there is reason to. */
export interface ServerOffers {
  readonly server: ServerConfig;
  get(profile: string): ProfileState | undefined;
  /** The one that was used last comes last. */
  all(): readonly ProfileState[];
  /**
   * Asks what it offers such a client unless that is known, or was asked and failed. `offers`: a client is to be
   * offered it, so it is pinned.
   *
   * @returns resolves when it has answered or failed, at the latest when patience is over
   */
  ready(profile: string, hello: ClientHello, offers: boolean): Promise<void>;
  /** Asks again, now, in the name of those clients that are there, else of the last one. */
  refresh(host: { readonly profile: string; readonly hello: ClientHello }): void;
  /** Takes up what a connection offers. */
  take(profile: string, hello: ClientHello, offering: Offering): Promise<void>;
  close(): void;
}

interface Profile extends ProfileState {
  came: KeptOffer | undefined;
  pinned: KeptOffer | undefined;
  error: string | undefined;
  retryAt: string | undefined;
  trouble: readonly string[];
  /** Of what came last. */
  listTrouble: readonly string[];
  readonly key: string;
  hello: ClientHello | undefined;
  offers: boolean;
  asking: boolean;
  askAgain: boolean;
  /** What `ready` waits for. */
  answer: Promise<void> | undefined;
  failures: number;
  stopRetry: () => void;
}

/** Of profiles that no client of now has. */
const MAX_PROFILES = 8;

export function createServerOffers(options: ServerOffersOptions): ServerOffers {
  const { server, cache, pinning, clock, random, log } = options;
  const profiles = new Map<string, Profile>();
  for (const [key, pinned] of cache.get(server)) {
    profiles.set(key, { ...newProfile(key), came: pinned, offers: true });
  }
  let closed = false;

  function use(key: string): Profile {
    const profile = profiles.get(key) ?? newProfile(key);
    profiles.delete(key);
    profiles.set(key, profile);
    for (const [other, { asking, stopRetry }] of profiles) {
      if (profiles.size <= MAX_PROFILES) break;
      if (other === key || asking || options.isUsed(other)) continue;
      stopRetry();
      profiles.delete(other);
    }
    return profile;
  }

  async function ask(profile: Profile, hello: ClientHello): Promise<void> {
    if (profile.asking) {
      profile.askAgain = true;
      return;
    }
    profile.asking = true;
    profile.hello = hello;
    profile.stopRetry();
    try {
      const offering = await options.ask(server, hello);
      if (!closed) await took(profile, offering);
    } catch (error) {
      if (!closed) fail(profile, error);
    } finally {
      profile.asking = false;
    }
    if (profile.askAgain && !closed) {
      profile.askAgain = false;
      await ask(profile, profile.hello);
    }
  }

  function took(profile: Profile, { hello, tools, listed }: Offering): Promise<void> {
    const failed = profile.error !== undefined;
    profile.failures = 0;
    profile.error = undefined;
    profile.retryAt = undefined;
    profile.stopRetry();
    options.onList({ hello, tools, listed });
    profile.came = { hello, tools: tools.tools, ...listed };
    profile.listTrouble = tools.trouble;
    return settle(profile, failed);
  }

  function fail(profile: Profile, error: unknown): void {
    profile.error = messageOf(error);
    retry(profile, () => profile.hello && ask(profile, profile.hello));
    log(`${profile.error} It is tried again at ${profile.retryAt ?? ''}.`);
    options.onChange();
  }

  function retry(profile: Profile, again: () => unknown): void {
    profile.failures += 1;
    const wait = backoff(profile.failures, random);
    profile.retryAt = timestamp(clock, wait);
    profile.stopRetry();
    profile.stopRetry = clock.after(wait, () => void again());
  }

  /** Offers what came once it stands in the journal, where a client is there to be offered it. */
  function settle(profile: Profile, changed = false): Promise<void> {
    const { came } = profile;
    if (!came || !profile.offers) {
      options.onChange();
      return Promise.resolve();
    }
    const given = {
      server,
      tools: came.tools,
      before: profile.pinned?.tools ?? [],
      givesOthers: ({ tool, definition_sha256 }: KeptOffer['tools'][number]) =>
        [...profiles.values()].some(
          (other) =>
            other !== profile &&
            other.pinned?.tools.some(
              (each) => each.tool === tool && each.definition_sha256 !== definition_sha256,
            ) === true,
        ),
    };
    const adopt = (list: PinnedList): void => {
      // One that came meanwhile is on its way.
      if (!closed && profile.came === came) adoptList(profile, came, list, changed);
    };
    const standing = pinning.standing(given);
    if (standing) {
      adopt(standing);
      return Promise.resolve();
    }
    return pinning.pin(given).then(adopt, (error: unknown) => {
      if (closed || profile.came !== came) return;
      retry(profile, () => settle(profile, changed));
      const trouble = `What the server ${server.name} offers now could not be journalled, so it is not offered yet: ${messageOf(error)}`;
      profile.trouble = [...profile.listTrouble, trouble];
      log(`${trouble} It is tried again at ${profile.retryAt ?? ''}.`);
    });
  }

  function adoptList(
    profile: Profile,
    came: KeptOffer,
    { tools, trouble }: PinnedList,
    changed: boolean,
  ): void {
    profile.failures = 0;
    profile.retryAt = undefined;
    profile.trouble = [...profile.listTrouble, ...trouble];
    const offer = tools.length === came.tools.length ? came : { ...came, tools };
    const same = profile.pinned !== undefined && sameOffer(profile.pinned, offer);
    if (!same) profile.pinned = offer;
    if (!same && !kept.has(offer)) keep();
    if (!same || changed) options.onChange();
  }

  function keep(): void {
    const offers = [...profiles.values()].flatMap(({ key, pinned }) =>
      pinned ? [[key, pinned] as const] : [],
    );
    cache.put(server, new Map(offers.slice(-MAX_PROFILES)));
  }

  /** Waits, but no longer than patience lasts: a slow server comes later and clients are told then. */
  function patiently(work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const stop = clock.after(options.patienceMs, resolve);
      void work.then(() => {
        stop();
        resolve();
      });
    });
  }

  /** What stands in the file needs no writing. */
  const kept = new WeakSet<KeptOffer>([...profiles.values()].flatMap(({ came }) => came ?? []));
  for (const profile of profiles.values()) void settle(profile);

  return {
    server,
    get: (profile) => profiles.get(profile),
    all: () => [...profiles.values()],

    ready(key, hello, offers) {
      const known = profiles.get(key);
      if (known?.answer && known.hello && (known.offers || !offers)) return known.answer;
      const profile = use(key);
      const first = offers && !profile.offers;
      profile.hello = hello;
      profile.offers ||= offers;
      if (!profile.asking && profile.came) {
        if (first || !profile.pinned) profile.answer = patiently(settle(profile));
      } else if (!profile.asking && profile.error === undefined) {
        profile.answer = patiently(ask(profile, hello));
      }
      return (profile.answer ??= Promise.resolve());
    },

    refresh(host) {
      const known = [...profiles.values()].filter((each) => each.hello);
      const there = known.filter(({ key }) => options.isUsed(key));
      const asked = there.length > 0 ? there : known.slice(-1);
      for (const profile of asked) if (profile.hello) void ask(profile, profile.hello);
      if (asked.length === 0) void ask(use(host.profile), host.hello);
    },

    take(key, hello, offering) {
      if (closed) return Promise.resolve();
      const profile = use(key);
      profile.hello = hello;
      profile.offers = true;
      return took(profile, offering);
    },

    close() {
      closed = true;
      for (const { stopRetry } of profiles.values()) stopRetry();
    },
  };
}

function newProfile(key: string): Profile {
  return {
    key,
    hello: undefined,
    came: undefined,
    pinned: undefined,
    error: undefined,
    retryAt: undefined,
    trouble: [],
    listTrouble: [],
    offers: false,
    asking: false,
    askAgain: false,
    answer: undefined,
    failures: 0,
    stopRetry: () => undefined,
  };
}

function sameOffer(a: KeptOffer, b: KeptOffer): boolean {
  const text = ({ tools, ...rest }: KeptOffer): string =>
    JSON.stringify([tools.map((tool) => tool.definition_sha256), rest]);
  return text(a) === text(b);
}
