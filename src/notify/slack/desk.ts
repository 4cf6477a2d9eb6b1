import type { Card } from '../../core/card.ts';
import type { Clock } from '../../core/clock.ts';
import type { AdmittedWay, DecisionKind, SlackReceipt } from '../../core/entry.ts';
import { DecisionError, JournalError, LimitError, messageOf } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import { longArguments } from '../../core/long-arguments.ts';
import type { Person } from '../../core/person.ts';
import type { Request } from '../../core/request.ts';
import { revealedLine } from '../../core/reveal.ts';
import { standing } from '../../core/standing.ts';
import { letterOf } from '../letter.ts';
import { decisionOfAction } from './buttons.ts';
import { showsWhole } from './card.ts';
import type { SlackClient } from './client.ts';
import { CONFIRM, DECIDING, decisionDialog, noticeDialog, REASON, type Dialog } from './dialogs.ts';
import { inert } from './inert.ts';
import type { Account, Interaction, NamedAccount, Press, Submission } from './interaction.ts';
import type { FaultOfAccount } from './membership.ts';

/** What a person is shown of a request, and may do. */
export interface Seen {
  readonly request: Request;
  readonly card: Card;
  readonly args: JsonObject;
  readonly state: 'open' | 'decided' | 'over' | 'watching';
  readonly admits: readonly AdmittedWay[];
  readonly reason: 'optional' | 'required';
  readonly opened_at: string;
}

/** What the dialog of a decision knew when it was opened. It travels sealed. */
export interface Opened {
  readonly request_id: string;
  readonly card_digest: string;
  readonly decision: DecisionKind;
  readonly opened_at: string;
  readonly team: string;
  readonly user: string;
}

/** What the desk stands on: who an account speaks for, and the requests of that person. */
export interface DeskParts {
  /** The person who linked this account, if they are still listed. */
  readonly personOf: (account: Account) => Person | undefined;
  /** The page on which whoever signs in can say that the account is theirs. */
  readonly linkPage: (account: NamedAccount) => string;
  /** The request's page in the console. */
  readonly page: (requestId: string) => string;
  /** @throws DecisionError */
  readonly view: (person: string, requestId: string) => Promise<Seen>;
  /** @throws DecisionError, LimitError, JournalError */
  readonly decide: (decision: {
    readonly person: string;
    readonly request_id: string;
    readonly decision: DecisionKind;
    readonly reason: string;
    readonly confirm: string;
    readonly card_digest: string;
    readonly opened_at: string;
    readonly receipt: SlackReceipt;
  }) => Promise<Seen>;
  readonly seal: (opened: Opened) => string;
  readonly open: (sealed: string) => Opened | undefined;
}

/** The answer to Slack; without a body it is only taken note of. */
export type DeskAnswer = JsonObject | undefined;

export interface Desk {
  /**
   * @param digest SHA-256 over what Slack signed, in hexadecimal
   * @returns within three seconds
   */
  take(interaction: Interaction, digest: string): Promise<DeskAnswer>;
  /** Resolves when nothing that was pressed is under way. */
  drain(): Promise<void>;
}

/** After three seconds Slack tells the person that the app did not answer. */
const ANSWER_MS = 2300;
const ERROR_MAX = 500;

/** What people press in Slack. A press opens a dialog; only the dialog, sent off with the tool's name, decides. */
export function createDesk(
  options: DeskParts & {
    readonly client: SlackClient;
    readonly faultOf: FaultOfAccount;
    readonly clock: Clock;
    readonly log: Log;
  },
): Desk {
  const { client, faultOf, clock, log, personOf } = options;
  const underWay = new Set<Promise<unknown>>();

  const tracked = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    work.catch(() => undefined).finally(() => underWay.delete(work));
    return work;
  };

  /** What a press opens. */
  const dialogFor = async ({ account: named, value }: Press, decision: DecisionKind): Promise<Dialog> => {
    const { team, user } = named;
    const account = { team, user };
    const fault = await faultOf(account);
    if (fault !== undefined) return refusal(fault);
    const person = personOf(account);
    if (!person) return unlinked(options.linkPage(named));
    const seen = await options.view(person.id, value);
    const { request, card, args, state, admits } = seen;
    const url = options.page(request.id);
    const review = { label: 'Review', url };
    if (state === 'over') return refusal(standing(request).sentence, review);
    if (state === 'decided')
      return refusal('You have decided on this already; the first decision stands.', review);
    if (state === 'open' && !admits.includes('slack'))
      return refusal('Under the rules as they are now this is not decided in Slack. Open its page.', review);
    const { id: request_id, card_digest } = request;
    const notice = { kind: 'ask', round: 0, request, card, args, names: {}, link: url } as const;
    const letter = letterOf(notice, clock.now(), 'message');
    if (decision === 'approve' && (longArguments(args).length > 0 || !showsWhole(letter)))
      return refusal(
        'The call is longer than what can be shown here, and is to be read to the end before it is approved: open its page.',
        review,
      );
    if (decision === 'approve' && card.difference !== undefined)
      return refusal(
        'The tool has changed, and what is different in it stands on the page of the request: open it.',
        review,
      );
    return decisionDialog({
      decision,
      letter,
      toolName: revealedLine(card.tool_name),
      reason: seen.reason,
      metadata: options.seal({ request_id, card_digest, decision, opened_at: seen.opened_at, ...account }),
    });
  };

  const press = async (pressed: Press, decision: DecisionKind): Promise<void> => {
    const dialog = await dialogFor(pressed, decision).catch((thrown: unknown) => refusal(wordsOf(thrown)));
    await client.call('views.open', { trigger_id: pressed.trigger, view: dialog });
  };

  const submit = async (sent: Submission, digest: string): Promise<DeskAnswer> => {
    const { account, typed } = sent;
    const opened = options.open(sent.metadata);
    if (opened?.team !== account.team || opened.user !== account.user)
      return errors(
        CONFIRM,
        'This dialog was not opened by you, or too long ago. Close it and press the button again.',
      );
    try {
      const fault = await faultOf(account);
      if (fault !== undefined) return errors(CONFIRM, fault);
      const person = personOf(account);
      if (!person) return errors(CONFIRM, 'This account is not linked to a person of Placet any more.');
      const { request_id, card_digest, decision, opened_at } = opened;
      const { request } = await options.decide({
        person: person.id,
        request_id,
        decision,
        reason: typed[REASON] ?? '',
        confirm: typed[CONFIRM] ?? '',
        card_digest,
        opened_at,
        receipt: { kind: 'slack', ...account, payload_sha256: digest },
      });
      return instead(
        noticeDialog({
          title: decision === 'approve' ? 'Approved' : 'Rejected',
          text: inert(`Your decision stands in the journal. ${revealedLine(standing(request).sentence)}`),
        }),
      );
    } catch (thrown) {
      const where = thrown instanceof DecisionError && thrown.code === 'reason_required' ? REASON : CONFIRM;
      return errors(where, wordsOf(thrown));
    }
  };

  /** What the person is told; what is wrong with us is for the log. */
  const wordsOf = (thrown: unknown): string => {
    if (thrown instanceof DecisionError || thrown instanceof LimitError)
      return inert(revealedLine(thrown.message));
    log(`slack: ${messageOf(thrown)}`);
    return thrown instanceof JournalError
      ? 'Placet cannot write its journal just now, and what cannot be recorded does not run. Try again later.'
      : 'Placet could not do this just now. Try again, or open the request by its link.';
  };

  const inTime = (answering: Promise<DeskAnswer>): Promise<DeskAnswer> =>
    new Promise((resolve, reject) => {
      const stopTimer = clock.after(ANSWER_MS, () => resolve(instead(STILL_AT_IT)));
      answering.then(resolve, reject).finally(stopTimer);
    });

  return {
    async take(interaction, digest) {
      if (interaction.kind === 'submission')
        return interaction.callback === DECIDING ? inTime(tracked(submit(interaction, digest))) : undefined;
      const decision = interaction.kind === 'press' ? decisionOfAction(interaction.action) : undefined;
      if (interaction.kind === 'press' && decision !== undefined)
        // Slack is answered at once; the dialog goes another way.
        void tracked(press(interaction, decision)).catch((thrown: unknown) =>
          log(`slack: a dialog could not be opened: ${messageOf(thrown)}`),
        );
      return undefined;
    },
    async drain() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

const STILL_AT_IT = noticeDialog({
  title: 'Not answered yet',
  text: 'This takes longer than usual. The message shows how it ended; nothing is decided twice.',
});

function refusal(text: string, page?: { readonly label: string; readonly url: string }): Dialog {
  return noticeDialog({
    title: 'Nothing was decided',
    text: inert(revealedLine(text)),
    ...(page === undefined ? {} : { page }),
  });
}

function unlinked(url: string): Dialog {
  return noticeDialog({
    title: 'Nothing was decided',
    text: 'Placet does not know whose account this is. Open the page, sign in, and say that it is yours; then press the button again.',
    page: { label: 'Link my account', url },
  });
}

function errors(block: string, words: string): JsonObject {
  return { response_action: 'errors', errors: { [block]: words.slice(0, ERROR_MAX) } };
}

function instead(view: Dialog): JsonObject {
  return { response_action: 'update', view: view as unknown as JsonObject };
}
