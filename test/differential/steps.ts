/** One request of a script, and what comes with it. */
export interface Step {
  readonly method: string;
  /** May hold what an earlier step gave: the parsed results so far, by step. */
  readonly params?: object | ((results: readonly unknown[]) => object);
  /** How many other messages come because of it, before or after its answer; list changes not counted. */
  readonly others?: number;
  /** Asked again until its result's text holds this; only the last answer counts. */
  readonly until?: string;
  /** It is a notification. */
  readonly told?: true;
}

export interface Script {
  readonly server: string;
  /** The server's program below node_modules/@modelcontextprotocol. */
  readonly program: string;
  /** The server's arguments and environment. @param folder its own, the same for both sides */
  readonly args?: (folder: string) => readonly string[];
  readonly env?: (folder: string) => Record<string, string>;
  /** Files of the folder at the start, by name. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly steps: (folder: string) => readonly Step[];
}

export const call = (name: string, args: object = {}, more: Omit<Step, 'method' | 'params'> = {}): Step => ({
  method: 'tools/call',
  params: { name, arguments: args },
  ...more,
});

export const ask = (method: string, params?: object, more: Omit<Step, 'method' | 'params'> = {}): Step => ({
  method,
  ...(params ? { params } : {}),
  ...more,
});
