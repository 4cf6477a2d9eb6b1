import { openOutside } from '../outside.ts';
import { makeWorkspace } from '../workspace.ts';
import { overStdio, type Connection } from './agents.ts';
import { allowed, collect, hold } from './calls.ts';
import { openPost } from './post.ts';
import { createReviewers } from './reviewers.ts';
import { seeded } from './seeded.ts';
import { servers } from './settings.ts';
import { createCounter } from './tally.ts';
import type { Workload } from '../evidence-workload.ts';
import { boundary, serve } from './world.ts';

const PEOPLE = `people:
  - { id: carol, name: Carol Roy, emails: [carol@example.com] }
agents:
  - { id: claude, owner: carol, cool_down: 0s }
solo: true
`;
const RULES = `unmatched: deny
review: { reviewers: [carol] }
rules:
  - id: reads
    match: { server: ledger, tool: "read_*" }
    verdict: allow
  - id: transfers
    match: { server: ledger, tool: transfer }
    verdict: review
`;

/** A workspace of one person, who approves two calls of their own agent between two that are allowed. */
export async function runSolo(): Promise<Workload> {
  const counter = createCounter();
  const post = await openPost({ refuse: [] });
  const workspace = makeWorkspace({
    people: PEOPLE,
    rules: RULES,
    servers: { ledger: servers()['ledger'] },
    env: { PLACET_SMTP_URL: post.smtpUrl, PLACET_DIGEST_AFTER: '9999' },
  });
  const host = await serve(workspace);
  const agent: Connection = await overStdio(workspace, 'claude');
  const site = await openOutside(workspace, post);
  const reviewers = createReviewers({ site, post, counter });
  await reviewers.enrol('carol');
  const world = { workspace, post, site, reviewers, counter, random: seeded(1), agent: () => agent };

  const from = await boundary(site);
  counter.open();
  for (const entry of [1, 2]) {
    const call = { agent: 'claude', entry, words: 'alone' } as const;
    await allowed(world, call, 'read_entry', 'succeeded');
    const id = await hold(world, call, 'transfer');
    await reviewers.byPasskey('carol', { id, tool: 'transfer', decision: 'approve', reason: 'My own.' });
    await collect(world, call, 'transfer', id, 'succeeded');
    counter.plant('solo_approval', id);
  }
  const to = await boundary(site);
  counter.shut();

  return {
    workspace,
    from,
    to,
    tally: counter,
    async close() {
      await agent.close();
      await workspace.end();
      await host.ended;
      await post.close();
    },
  };
}
