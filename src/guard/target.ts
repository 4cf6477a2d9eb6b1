import type { JsonObject } from '../core/json.ts';
import type { Verbatim } from '../core/verbatim.ts';

/** One downstream, ready to be sent to on behalf of one client session. */
export interface Target {
  /** SHA-256 of the tool's definition as the downstream gives it now; nothing when it no longer offers it. */
  definition(tool: string): Promise<string | undefined>;
  /**
   * The same as this very connection gave it last, which costs nothing: it is asked only where it was not asked yet.
   *
   * @throws DownstreamError where it gives no list
   */
  given(tool: string): Promise<string | undefined>;
  /**
   * Sends `tools/call`.
   *
   * @returns the downstream's result as it came
   * @throws RpcError when the downstream answered with a JSON-RPC error
   * @throws DownstreamError `downstream_unavailable` when nothing was sent; `downstream_died`,
   * `downstream_silent`, `downstream_garbage` when the call may have happened
   */
  send(call: SendCall): Promise<Verbatim>;
  /** The tool's own sentence about a call. @throws DownstreamError */
  summarise(tool: string, args: JsonObject): Promise<string>;
}

export interface SendCall {
  readonly tool: string;
  /** Written anew from what was judged; its text is what is sent. */
  readonly args: Verbatim;
  readonly timeout_ms: number;
  readonly signal?: AbortSignal;
  readonly meta?: JsonObject;
  readonly task?: JsonObject;
  readonly message_id?: string | number;
  readonly onProgress?: (progress: JsonObject) => void;
}

/**
 * Connects to a downstream: the session's own while it lives, else a fresh one.
 *
 * @throws DownstreamError `downstream_unavailable`; for a wrapped one also while its client is not attached
 */
export type Reach = (server: string, session: string, agent: string) => Promise<Target>;
