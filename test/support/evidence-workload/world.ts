import { serveHost, type ServingHost } from '../host.ts';
import type { Outside } from '../outside.ts';
import type { TestWorkspace } from '../workspace.ts';
import type { Connection } from './agents.ts';
import type { Post } from './post.ts';
import type { Reviewers } from './reviewers.ts';
import type { Seeded } from './seeded.ts';
import type { Counter } from './tally.ts';

/** Whom the calls come from. */
export type AgentName = 'claude' | 'cursor' | 'batch';

/** What calls are made in. */
export interface Scene {
  readonly workspace: TestWorkspace;
  readonly post: Post;
  readonly site: Outside;
  readonly reviewers: Reviewers;
  readonly counter: Counter;
  readonly random: Seeded;
  readonly agent: (name: AgentName) => Connection;
}

/** What everything that an auditor is told of happens in. */
export interface World extends Scene {
  readonly host: () => ServingHost;
  /** Starts a host where none runs, and connects the agents anew. */
  restart(): Promise<void>;
}

/** @throws Error when the host does not start */
export async function serve(workspace: TestWorkspace): Promise<ServingHost> {
  const host = await serveHost(workspace.dir);
  if (host.child.exitCode === null) return host;
  const { stderr } = await host.ended;
  throw new Error(`The host did not start: ${stderr}`);
}

/** A moment at which nothing happens: everything before it is in the journal, and nothing after it is. RFC 3339, UTC. */
export async function boundary(site: Outside): Promise<string> {
  let length = -1;
  for (let next = await site.lengthAtRest(); next !== length; next = await site.lengthAtRest()) length = next;
  const at = Date.now() + 1;
  while (Date.now() <= at) await new Promise((resolve) => setTimeout(resolve, 1));
  return new Date(at).toISOString();
}
