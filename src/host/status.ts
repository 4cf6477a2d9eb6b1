/** What `placet status` says. Names and sentences only: no link, no address of a person, no argument. */
export interface HostStatus {
  readonly running: true;
  readonly software: string;
  readonly pid: number;
  readonly workspace: string;
  readonly url: string;
  readonly sessions: number;
  readonly journal: { readonly entries: number; readonly trouble?: string };
  /** Policy mistakes, refused tools, a missing mail server: what people of the workspace have to mend. */
  readonly problems: readonly string[];
  readonly servers: readonly {
    readonly name: string;
    readonly state: string;
    readonly tools: number;
    readonly error?: string;
  }[];
  /** Requests that are not settled, and those whose outcome nobody knows. */
  readonly requests: readonly {
    readonly id: string;
    readonly state: string;
    readonly agent: string;
    readonly server: string;
    readonly tool: string;
    readonly expires_at: string;
  }[];
  readonly undelivered: readonly {
    readonly request_id: string;
    readonly reviewer: string;
    readonly notice: string;
    readonly error?: string;
  }[];
}
