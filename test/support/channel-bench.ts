import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Person } from '../../src/core/person.ts';
import {
  DeliveryError,
  type AskNotice,
  type Delivered,
  type Driver,
  type Notice,
  type PlaceAsk,
  type PlaceNotice,
} from '../../src/notify/channel.ts';
import { FakeClock } from './clock.ts';
import type { NewRequest } from './memory-requests.ts';
import { askNotice, LINK, outcomeNotice, placeAsk, placeOutcome } from './notices.ts';

/** How the service behaves. Every answer that refuses quotes what was asked, its address and its secrets. */
export type Behaviour =
  | { readonly kind: 'well' }
  /** This recipient, place or message is refused for good. */
  | { readonly kind: 'refuse' }
  /** It is out of order for now. */
  | { readonly kind: 'busy' }
  /** It takes no more for now; `retry_after` is the header's text. */
  | { readonly kind: 'limit'; readonly retry_after: string }
  /** It takes what is sent and says nothing. */
  | { readonly kind: 'hang' }
  /** It ends the connection in the middle. */
  | { readonly kind: 'hang up' }
  /** It sends elsewhere, where `strays` counts. */
  | { readonly kind: 'redirect' }
  /** It takes the message, and its answer has no end. */
  | { readonly kind: 'flood' };

/** One message as it stands at the service now. */
export interface Received {
  /** All that a person can read of it, as it is drawn: marks and escapes resolved, line ends `\n`. */
  readonly seen: string;
  /** Every address to which a click on it, or whatever draws it, can lead. */
  readonly links: readonly string[];
  /** What else in it does more than stand there: mentions, pictures, formatting, macros, elements of the agent's. */
  readonly active: readonly string[];
  /** What came, laid out for a golden file: the same in every run. */
  readonly golden: string;
  /** The `message_id` of the message below which it stands. */
  readonly thread?: string;
  /** It asks no more, where the service knows such a state. */
  readonly closed?: boolean;
}

export interface ChannelBench {
  /** A driver of its own on the same service, as after a restart. The suite closes it. */
  readonly connect: () => Driver;
  readonly behave: (as: Behaviour) => void;
  /** How many messages it was asked to take, those that it refused among them. */
  readonly asked: () => number;
  /** What stands there now, in the order in which it first came. */
  readonly messages: () => readonly Received[];
  /** Addresses, tokens and keys of the driver's settings. */
  readonly secrets: readonly string[];
  /** What the driver logged, where it has a log. */
  readonly logged?: () => readonly string[];
  /** The service loses every message, as where somebody deleted them. Where messages are edited. */
  readonly forget?: () => void;
  readonly strays?: () => number;
  readonly close: () => Promise<void>;
}

/** What a driver has and does, and how it is opened on a strict fake of its service. */
export interface ChannelSetup {
  /** Names the tests and the folder of golden files. */
  readonly name: string;
  /** One whom it reaches, if it reaches people. */
  readonly person?: Person;
  /** One of its places, as a rule names it, if it has some. */
  readonly place?: string;
  /**
   * `edited`: the question's own message says it. `threaded`: it stands below the question. `separate`: a message
   * that stands alone. `closed`: the question is closed, and nothing more is said.
   */
  readonly outcome: 'edited' | 'threaded' | 'separate' | 'closed';
  /** `same`: the service is told again, and takes it for the question that it has. */
  readonly reminder: 'threaded' | 'separate' | 'same';
  /** Whether the same notice sent again, by another process too, has the same message id. */
  readonly stable_ids: boolean;
  readonly digest: boolean;
  /** Of the ways to fail, those that its service knows. */
  readonly fails: readonly Exclude<Behaviour['kind'], 'well'>[];
  readonly open: (clock: FakeClock) => Promise<ChannelBench>;
}

/** A way by which the driver is asked to send. */
export interface Way {
  readonly kind: 'person' | 'place';
  readonly title: string;
  /** @param seed makes another request of it */
  readonly ask: (
    made?: NewRequest,
    more?: Partial<AskNotice & PlaceAsk>,
    seed?: number,
  ) => Promise<AskNotice | PlaceAsk>;
  readonly outcome: (made?: NewRequest, reason?: string, first?: string) => Promise<Notice | PlaceNotice>;
  readonly send: (driver: Driver, notice: Notice | PlaceNotice) => Promise<Delivered>;
}

export interface Scene {
  readonly bench: ChannelBench;
  readonly clock: FakeClock;
  /** The suite closes what is opened by it. */
  readonly connect: () => Driver;
  readonly way: Way;
}

/**
 * Runs each behaviour by each way of the driver, on a service of its own, and sees to it that nothing secret is said.
 *
 * @param only by this way alone
 */
export function behaviourOf(setup: ChannelSetup, only?: Way['kind']) {
  return (title: string, run: (scene: Scene) => Promise<void>): void => {
    for (const way of waysOf(setup).filter(({ kind }) => only === undefined || kind === only)) {
      test(`${setup.name}, ${way.title}: ${title}`, async () => {
        const clock = new FakeClock();
        const bench = await setup.open(clock);
        const drivers: Driver[] = [];
        const connect = (): Driver => {
          const driver = bench.connect();
          drivers.push(driver);
          return driver;
        };
        const said = listen();
        try {
          await run({ bench, clock, connect, way });
          const problems = drivers.flatMap((driver) => driver.problems?.() ?? []);
          holdsNoSecret([...said.heard(), ...problems, ...(bench.logged?.() ?? [])].join('\n'), bench);
        } finally {
          said.stop();
          await Promise.all(drivers.map((driver) => driver.close()));
          await bench.close();
        }
      });
    }
  };
}

/** The one message that came last. */
export function newest(bench: ChannelBench): Received {
  const message = bench.messages().at(-1);
  if (!message) throw new Error('No message came.');
  return message;
}

/** What a delivery failed with, after a look that it says nothing secret and is one readable line. */
export async function failureOf(sending: Promise<unknown>, bench: ChannelBench): Promise<DeliveryError> {
  const error = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeliveryError)) throw new Error(`It did not fail as it should: ${inspect(error)}`);
  holdsNoSecret(inspect(error, { depth: 20, showHidden: true, maxStringLength: null }), bench);
  assert.match(error.message, /^[A-Z][^\p{C}]{10,600}$/u);
  return error;
}

export function holdsNoSecret(text: string, { secrets }: Pick<ChannelBench, 'secrets'>): void {
  const token = LINK.slice(LINK.lastIndexOf('/') + 1);
  for (const secret of [...secrets, token]) {
    assert.not.ok(text.includes(secret), `a secret is told: ${text.replaceAll(secret, '<SECRET>')}`);
  }
}

function waysOf({ person, place }: ChannelSetup): readonly Way[] {
  const ways: Way[] = [];
  if (person !== undefined) {
    ways.push({
      kind: 'person',
      title: 'to a person',
      ask: async (made, more, seed) => ({ ...(await askNotice(made, undefined, seed)), to: person, ...more }),
      outcome: async (made, reason, first) => ({
        ...(await outcomeNotice(made, reason)),
        to: person,
        ...(first === undefined ? {} : { first }),
      }),
      send: async ({ channel }, notice) => {
        if (!channel || !('to' in notice)) throw new Error('The driver reaches no people.');
        return channel.deliver(notice);
      },
    });
  }
  if (place !== undefined) {
    ways.push({
      kind: 'place',
      title: `to ${place}`,
      ask: async (made, more, seed) => ({ ...(await placeAsk(made, undefined, seed)), ...more }),
      outcome: async (made, reason, first) => ({
        ...(await placeOutcome(made, reason)),
        ...(first === undefined ? {} : { first }),
      }),
      send: async (driver, notice) => {
        const found = driver.place?.(place);
        if (!found) throw new Error(`The driver has no place ${place}.`);
        return found.post(notice);
      },
    });
  }
  if (ways.length === 0) throw new Error('Neither a person nor a place is given.');
  return ways;
}

/** Hears what is written to the terminal, as a library may do it by itself. */
function listen() {
  const heard: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write.bind(stream));
  streams.forEach((stream, index) => {
    stream.write = ((...args: Parameters<typeof stream.write>) => {
      heard.push(String(args[0]));
      return writes[index]?.(...args) ?? true;
    }) as typeof stream.write;
  });
  return {
    heard: () => heard,
    stop: () =>
      streams.forEach((stream, index) => {
        stream.write = (writes[index] ?? stream.write) as typeof stream.write;
      }),
  };
}
