import { requestIdOf, type Entry } from '../../core/entry.ts';
import type { CallRow } from '../../core/evidence.ts';
import { ocsfEvent } from '../../events/ocsf.ts';
import type { CallContext } from '../../events/reading.ts';
import type { BundlePart } from './report-input.ts';

/** Writes each entry of the period as an event of OCSF, a line each, in `ocsf/events.jsonl`. */
export const writeOcsfEvents: BundlePart = async (input, files) => {
  const { software } = input;
  const { origin } = input.log;
  const calls = new KnownCalls();
  for await (const row of input.population()) if (row.carried) calls.carry(row);
  const file = await files.open('ocsf/events.jsonl');
  for await (const entry of input.entries()) {
    const call = calls.of(entry);
    const context = { software, origin, ...(call === undefined ? {} : { call }) };
    await file.write(`${JSON.stringify(ocsfEvent(entry, context))}\n`);
  }
  await file.close();
};

/** Of whose call an entry is that names only a request or a call. Of those that nobody was asked about it forgets what has ended. */
class KnownCalls {
  readonly #known = new Map<string, CallContext>();

  carry({ call_id, request_id, agent, owner, server, tool }: CallRow): void {
    this.#learn({
      call_id,
      agent,
      owner,
      server,
      tool,
      ...(request_id === undefined ? {} : { request_id }),
    });
  }

  of(entry: Entry): CallContext | undefined {
    if (entry.type === 'call.requested' || entry.type === 'approval.requested') {
      const { call_id, agent, owner, server, tool } = entry;
      const request = requestIdOf(entry);
      const call = { call_id, agent, owner, server, tool };
      return this.#learn(request === undefined ? call : { ...call, request_id: request });
    }
    const id = requestIdOf(entry) ?? ('call_id' in entry ? entry.call_id : undefined);
    const call = id === undefined ? undefined : this.#known.get(id);
    const isOver = entry.type === 'call.completed' || entry.type === 'call.denied';
    if (isOver && call?.request_id === undefined) this.#known.delete(entry.call_id);
    return call;
  }

  #learn(call: CallContext): CallContext {
    this.#known.set(call.call_id, call);
    if (call.request_id !== undefined) this.#known.set(call.request_id, call);
    return call;
  }
}
