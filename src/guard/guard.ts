import type { Request } from '../core/request.ts';
import type { Card } from '../core/card.ts';
import { JournalError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { createAcceptance } from './accept-definition.ts';
import type { Acceptance } from './acceptance.ts';
import { createContents } from './contents.ts';
import type { GuardContext } from './context.ts';
import { createDelivery } from './delivery.ts';
import { createEscalator } from './escalate.ts';
import { createEvidenceReviews, type EvidenceReviews } from './evidence-reviews.ts';
import { createExecutor } from './execute.ts';
import { createExpiry } from './expire.ts';
import { createForward } from './forward.ts';
import { createMasking } from './masking.ts';
import { createSecretEraser } from './secret-eraser.ts';
import { createIntercept } from './intercept.ts';
import type { Intercept, OfferedTool, Reviews } from './ports.ts';
import { createAgentQuestions } from './questions.ts';
import { recover } from './recover.ts';
import { createRepeats } from './repeats.ts';
import { createReviews } from './reviews.ts';
import { createStreams, type Streams } from './streams.ts';
import { createChangeWatch } from './void-changed.ts';
import { createWaiting } from './waiting.ts';

export interface Guard {
  readonly intercept: Intercept;
  readonly reviews: Reviews;
  readonly acceptance: Acceptance;
  readonly evidence: EvidenceReviews;
  /** What every channel shows of a request. @throws JournalError `payload_erased`, `payload_missing`, `payload_corrupt` */
  readonly content: (request: Request) => Promise<{ readonly card: Card; readonly args: JsonObject }>;
  /** Decides on a request as it stands and appends what follows; for the outbox. */
  readonly update: Streams['update'];
  /** Tries at once again what is approved and waits for its downstream: a client has attached, say. */
  readonly wake: () => void;
  /** How many approved calls are being carried out. */
  readonly running: () => number;
  /** Takes up what an earlier host left. Call it once, before anything else. */
  recover(): Promise<void>;
  /** Answers everyone who waits, now and from now on, with how their request stands. */
  readonly release: () => void;
  /** Starts nothing more, and lets what was sent come to its end. */
  drain(): Promise<void>;
}

export interface GuardOptions extends GuardContext {
  /** The tags of a tool as they are now. */
  readonly tagsOf: (server: string, tool: string) => OfferedTool['tags'];
}

function erased(): JournalError {
  return new JournalError('payload_erased', 'What the request was about was erased.');
}

/** The use cases, put together. */
export function createGuard(options: GuardOptions): Guard {
  const { tagsOf, ...context } = options;
  const contents = createContents(context.payloads, context.secrets);
  const masking = createMasking(context);
  const streams = createStreams(context);
  const waiting = createWaiting(context);
  const repeats = createRepeats(context);
  const delivery = createDelivery({ context, contents, streams, repeats });
  const forward = createForward(context, contents, masking);
  const executor = createExecutor({ context, contents, streams, masking, tagsOf });
  const expiry = createExpiry(context, streams);
  const escalator = createEscalator(context, streams);
  const watch = createChangeWatch(context, streams);
  const eraser = createSecretEraser(context, streams);
  const call = createIntercept({
    context,
    contents,
    streams,
    repeats,
    waiting,
    delivery,
    forward,
    masking,
  });
  const questions = createAgentQuestions({ context, streams, delivery, waiting });

  const unsubscribe = context.changes.subscribe((entry) => {
    if (entry.type === 'approval.resolved' && entry.resolution === 'approved')
      executor.start(entry.request_id);
  });

  return {
    intercept: { call, ...questions },
    reviews: createReviews({ context, contents, streams, tagsOf }),
    acceptance: createAcceptance(context),
    evidence: createEvidenceReviews(context),
    content: async (request) => {
      // The fold is no later than the outbox: what is ordered to be erased is sent to nobody.
      if (context.history.item(request.id)?.erased) throw erased();
      return { card: await contents.card(request), args: await contents.args(request) };
    },
    update: streams.update,
    wake: executor.wake,
    running: executor.running,
    async recover() {
      await repeats.restore(contents);
      await eraser.clear();
      await recover(context, { streams, executor, expiry, escalator, watch });
      eraser.resume();
    },
    release: waiting.release,
    async drain() {
      unsubscribe();
      waiting.release();
      expiry.close();
      escalator.close();
      watch.close();
      await executor.drain();
      await forward.settled();
      await eraser.close();
    },
  };
}
