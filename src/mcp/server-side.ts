import type { JsonObject } from '../core/json.ts';
import type { Verbatim } from '../core/verbatim.ts';
import type { Target } from '../guard/ports.ts';
import type { MessageId } from './message.ts';
import type { Listed } from './offers.ts';
import type { ToolList } from './tool-list.ts';

/** What a downstream said of itself in its handshake, every member as it came. */
export interface ServerHello {
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  readonly serverInfo: JsonObject;
  readonly instructions?: string;
}

/** A request that a client makes of a downstream and that Placet only passes on. */
export interface PassedRequest {
  readonly method: string;
  /** As it came, but for its progress token, which is left out: `onProgress` says that one was there. */
  readonly params?: JsonObject;
  /** Aborted when the client cancels or is gone: the downstream is told. */
  readonly signal: AbortSignal;
  /** The id under which the client asked. */
  readonly message_id?: MessageId;
  /** Params of each progress notification, without the token. */
  readonly onProgress?: (progress: JsonObject) => void;
  /** In milliseconds. Default five minutes. */
  readonly timeout_ms?: number;
}

/** One connection to one downstream. */
export interface Downstream extends Target {
  readonly hello: ServerHello;
  /** All its tools as it gives them now. @throws DownstreamError */
  tools(): Promise<ToolList>;
  /** What it lists besides them, as it gives it now; a list that it declares and does not give is empty. */
  listed(): Promise<Listed>;
  /**
   * Asks what the client asked, and gives the answer as it came.
   *
   * @throws RpcError when the downstream answered with a JSON-RPC error
   * @throws DownstreamError as `Target.send` does
   */
  request(request: PassedRequest): Promise<Verbatim>;
  notify(method: string, params?: JsonObject): void;
  /** Reads nothing more of what it says until `resume`, so that it has to wait for a client that is slow. */
  pause(): void;
  resume(): void;
  /** False from the moment that nothing more can be sent; then a new connection is needed. */
  isAlive(): boolean;
  /** Ends the link and, with it, the process. What is under way ends as `downstream_died`. */
  close(): Promise<void>;
}

/** A client session's own connections. */
export interface SessionConnections {
  /** The connection to this server, made at first use. @throws DownstreamError `downstream_unavailable` */
  to(server: string): Promise<Downstream>;
  /** The one that stands, if any; makes none. */
  standing(server: string): Downstream | undefined;
  /** Those that stand, by server. */
  all(): ReadonlyMap<string, Downstream>;
  /** Calls back when a connection of this session has been made, its first one to this server or a new one. */
  onOpened(listener: (server: string, downstream: Downstream) => void): void;
  /** Reads nothing of any of them, those that are yet to be made included, until `resume`. */
  pause(): void;
  resume(): void;
  /** The client is gone: they close once the calls on them have ended. */
  end(): void;
}
