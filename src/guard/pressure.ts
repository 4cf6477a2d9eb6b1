import type { HistoryItem } from '../core/history.ts';
import type { Agent } from '../core/person.ts';
import { counted } from '../core/time-words.ts';
import type { GuardContext } from './context.ts';
import { RefusedCall } from './refused-call.ts';

const MAX_PENDING = 20;
const COOL_DOWN_MS = 60_000;
const COOL_DOWN_MOST_MS = 30 * 60_000;

/** Keeps an agent from wearing its reviewers down: a cap on what is pending, and a pause after each rejection. */
export interface Pressure {
  /**
   * Takes a place for one more request.
   *
   * @returns the way to give it back, once the request is open or did not come about
   * @throws RefusedCall `too_many_pending`, `cooling_down`
   */
  enter(agent: Agent, tool: Tool): () => void;
}

type Tool = Pick<HistoryItem, 'server' | 'tool'>;

/** All of it is read off the ledger and the history, so a restart changes nothing. */
export function createPressure({
  clock,
  history,
  ledger,
}: Pick<GuardContext, 'clock' | 'history' | 'ledger'>): Pressure {
  /** Places of requests that are on their way into the journal, by agent. */
  const opening = new Map<string, number>();

  function mustHaveRoom(agent: Agent): void {
    const most = agent.max_pending ?? MAX_PENDING;
    const pending = ledger.pendingOf(agent.id);
    if (pending.size + (opening.get(agent.id) ?? 0) < most) return;
    const [first] = [...pending].flatMap((id) => ledger.request(id)?.expires_at ?? []).sort();
    throw new RefusedCall(
      'too_many_pending',
      `Not executed, and nobody was asked. At most ${counted(most, 'request')} of this agent may wait at once, and that many do. Make the call again when one of them has been decided or cancelled (placet_cancel)${first === undefined ? '' : `; the first of them expires at ${first}`}.`,
      `too_many_pending: ${counted(most, 'request')} of the agent waited.`,
    );
  }

  function mustHaveCooledDown(agent: Agent, tool: Tool): void {
    const { count, last } = history.rejectionsInARow({ agent: agent.id, ...tool });
    if (last === undefined) return;
    const base = agent.cool_down_ms ?? COOL_DOWN_MS;
    const pause = Math.min(base * 2 ** (count - 1), Math.max(base, COOL_DOWN_MOST_MS));
    const until = Date.parse(last) + pause;
    if (clock.now() >= until) return;
    const again = new Date(until).toISOString();
    const times = count === 1 ? 'the last time' : `the last ${count} times`;
    throw new RefusedCall(
      'cooling_down',
      `Not executed, and nobody was asked. A reviewer rejected this tool ${times} that this agent asked for it. It may ask again at ${again}, in ${Math.ceil((until - clock.now()) / 1000)} s; until then, ask the person you act for how to go on.`,
      `cooling_down: rejected ${times}, until ${again}.`,
    );
  }

  return {
    enter(agent, tool) {
      mustHaveRoom(agent);
      mustHaveCooledDown(agent, tool);
      opening.set(agent.id, (opening.get(agent.id) ?? 0) + 1);
      return () => {
        const rest = (opening.get(agent.id) ?? 1) - 1;
        if (rest === 0) opening.delete(agent.id);
        else opening.set(agent.id, rest);
      };
    },
  };
}
