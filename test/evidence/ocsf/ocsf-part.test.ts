import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Draft } from '../../../src/core/entry.ts';
import { ocsfPart } from '../../../src/evidence/ocsf/ocsf-part.ts';
import { bundleBench } from '../../support/bundle-bench.ts';
import { allowed, at, completed, held, requestId } from '../../support/journal-drafts.ts';
import { ocsfFaults } from '../../support/ocsf-subset.ts';

interface Event {
  readonly metadata: { readonly uid: string };
  readonly class_uid: number;
  readonly api?: { readonly operation?: string };
}

/** The events of the 24th: of a call of the day before, and of one that was allowed. */
async function eventsOf(): Promise<{ readonly events: readonly Event[]; readonly ids: readonly string[] }> {
  const bench = await bundleBench();
  const id = requestId(bench.clock);
  const asked = await bench.journal.append(held(id, bench.clock), at(id, null));
  await bench.cover();
  bench.clock.advance(24 * 3_600_000);
  const expired: Draft = {
    type: 'approval.resolved',
    request_id: id,
    resolution: 'expired',
    reason: 'too late',
  };
  await bench.journal.append([expired], at(id, asked.at(-1)?.seq ?? null));
  await bench.journal.append([...allowed('one'), completed('one')]);
  await bench.cover();
  const period = { from: '2026-11-24T00:00:00.000Z', to: '2026-11-25T00:00:00.000Z' };
  const { out, input } = await bench.make({ period, parts: [ocsfPart] });
  await bench.close();
  const lines = (name: string) => readFileSync(join(out, name), 'utf8').trim().split('\n');
  const events = lines('ocsf/events.jsonl').map((line) => JSON.parse(line) as Event);
  const { from_seq, to_seq, start } = input.log;
  const entries = lines('log/entries.jsonl').map((line) => JSON.parse(line) as { readonly id: string });
  return { events, ids: entries.slice(from_seq - start.size, to_seq - start.size).map(({ id }) => id) };
}

test('every entry of the period is one event, in order, and valid', async () => {
  const { events, ids } = await eventsOf();
  assert.is(events.length, 4);
  assert.equal(
    events.map(({ metadata }) => metadata.uid),
    ids,
  );
  for (const event of events) assert.equal(ocsfFaults(event), []);
});

test('an entry that names only a request of before the period still tells of its call', async () => {
  const { events } = await eventsOf();
  assert.is(events[0]?.class_uid, 6003);
  assert.is(events[0]?.api?.operation, 'write_file');
});

test.run();
