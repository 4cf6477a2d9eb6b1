import type { ServingHost } from '../host.ts';
import type { Outside } from '../outside.ts';
import type { TestWorkspace } from '../workspace.ts';
import type { Connection } from './agents.ts';
import type { Post } from './post.ts';
import type { Reviewers } from './reviewers.ts';
import type { Seeded } from './seeded.ts';
import type { Counter } from './tally.ts';

/** Whom the calls come from. */
export type AgentName = 'claude' | 'cursor' | 'batch';

/** What the parts of the workload act on. */
export interface World {
  readonly workspace: TestWorkspace;
  readonly post: Post;
  readonly site: Outside;
  readonly reviewers: Reviewers;
  readonly counter: Counter;
  readonly random: Seeded;
  agent(name: AgentName): Connection;
  host(): ServingHost;
  /** Starts a host where none runs, and connects the agents anew. */
  restart(): Promise<void>;
}
