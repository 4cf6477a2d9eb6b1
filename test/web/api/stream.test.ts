import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requestEventSchema, resolvedEventSchema } from '../../../src/web/api/schemas.ts';
import { openCaller, refusalOf, type Listening } from '../../support/api-caller.ts';
import { withConsole, type ConsoleSite } from '../../support/console-site.ts';

const HOSTILE = 'x\n\nid: 9\nevent: resolved\ndata: {}\r\r\n\u2028';
const AGENT = { agent: 'claude-desktop', session: 'ses_1', identity: 'claimed' } as const;

const callerOf = async (site: ConsoleSite, person: string) =>
  openCaller(site, person, await site.enrol(person), { scope: 'read' });

interface ReadEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

/** The events that have come, comments left out. */
function eventsIn({ text }: Listening): readonly ReadEvent[] {
  return text()
    .split('\n\n')
    .filter((block) => block.includes('event: '))
    .map((block) => {
      const field = (name: string) =>
        block
          .split(/\r\n|[\r\n]/)
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2) ?? '';
      return { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) };
    });
}

const seqOf = (site: ConsoleSite, type: string, id: string) =>
  site.journal.entries.find(
    (entry) => entry.type === type && 'request_id' in entry && entry.request_id === id,
  )?.seq;

test(
  'a request that comes and is resolved is told, with the places where it stands in the journal',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const stream = await alice.listen();
    assert.is(stream.answer.statusCode, 200);
    assert.is(stream.answer.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.is(stream.answer.headers['cache-control'], 'no-store');
    await stream.until(': still here');
    const id = await site.call('write_file', { path: '/srv/a' });
    await stream.until('event: request');
    await site.guard.intercept.cancel(AGENT, id);
    await stream.until('event: resolved');
    const [request, resolved, ...more] = eventsIn(stream);
    assert.equal(more, []);
    assert.is(request?.id, seqOf(site, 'approval.requested', id));
    assert.equal(requestEventSchema.parse(request?.data), {
      request_id: id,
      agent: 'claude-desktop',
      server: 'files',
      tool: 'write_file',
      time: '2026-11-23T10:00:00.000Z',
    });
    assert.is(resolved?.id, seqOf(site, 'approval.resolved', id));
    assert.equal(resolvedEventSchema.parse(resolved?.data), {
      request_id: id,
      resolution: 'cancelled',
      time: '2026-11-23T10:00:00.000Z',
    });
    stream.close();
  }),
);

test(
  'what concerns others alone is not told, and the owner is told of their agent’s',
  withConsole(async (site) => {
    const [alice, bob, dan] = [
      await callerOf(site, 'alice'),
      await callerOf(site, 'bob'),
      await callerOf(site, 'dan'),
    ];
    const streams = [await alice.listen(), await bob.listen(), await dan.listen()] as const;
    for (const stream of streams) await stream.until(': still here');
    await site.call();
    await streams[0].until('event: request');
    await streams[1].until('event: request');
    site.clock.advance(15_000);
    await streams[2].until(`: still here\n\nid: ${site.journal.entries.length - 1}\n: still here`);
    assert.equal(eventsIn(streams[2]), []);
    for (const stream of streams) stream.close();
  }),
);

test(
  'who comes back is told what they missed, once and in order, and then goes on',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const first = await alice.listen();
    await first.until(': still here');
    const one = await site.call('write_file', { path: '/1' });
    await first.until('event: request');
    const last = eventsIn(first)[0]?.id ?? -1;
    first.close();
    await first.ended;
    const two = await site.call('write_file', { path: '/2' });
    await site.guard.intercept.cancel(AGENT, one);
    const again = await alice.listen({ 'last-event-id': String(last) });
    await again.until(': still here');
    const three = await site.call('write_file', { path: '/3' });
    await again.until(three);
    assert.equal(
      eventsIn(again).map(({ event, data }) => [event, (data as { request_id: string }).request_id]),
      [
        ['request', two],
        ['resolved', one],
        ['request', three],
      ],
    );
    const ids = eventsIn(again).map(({ id }) => id);
    assert.equal(
      ids,
      ids.toSorted((a, b) => a - b),
    );
    again.close();
  }),
);

test(
  'a place that the journal has not reached is told to begin anew, and what is no place is refused',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const ahead = await alice.listen({ 'last-event-id': '999999' });
    await ahead.until(': still here');
    assert.match(ahead.text(), 'event: reset\ndata: {}\n\n');
    ahead.close();
    for (const wrong of ['-1', '1.5', 'abc', '01', '9'.repeat(16)])
      assert.is(
        refusalOf(await alice.get('/requests/stream', { 'last-event-id': wrong }), 400),
        'bad_event_id',
      );
  }),
);

test(
  'every 15 seconds there is a sign of life, with where the stream stands',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const stream = await alice.listen();
    const beat = `id: ${site.journal.entries.length - 1}\n: still here\n\n`;
    await stream.until(beat);
    site.clock.advance(15_000);
    await stream.until(beat.repeat(2));
    site.clock.advance(15_000);
    await stream.until(beat.repeat(3));
    assert.is(stream.text(), beat.repeat(3));
    stream.close();
  }),
);

test(
  'a stream ends when its key is revoked, and tells nothing more',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const stream = await alice.listen();
    await stream.until(': still here');
    await site.apiKeys.revoke({ person: 'alice', key_id: alice.key_id, by: 'alice', reason: 'lost' });
    await stream.ended;
    await site.call();
    assert.equal(eventsIn(stream), []);
  }),
);

test(
  'a stream ends when its key is over, or its person leaves, before anything more is told',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const carol = await callerOf(site, 'carol');
    const [hers, carols] = [await alice.listen(), await carol.listen()];
    for (const stream of [hers, carols]) await stream.until(': still here');
    site.setPeople({
      people: [
        { id: 'bob', name: 'Bob Lee', emails: ['bob@example.com'] },
        { id: 'alice', name: 'Alice Ng', emails: ['alice@example.com'] },
      ],
      groups: { ops: ['alice', 'bob'] },
      agents: [{ id: 'claude-desktop', owner: 'bob' }],
    });
    site.clock.advance(15_000);
    await carols.ended;
    site.clock.advance(30 * 24 * 60 * 60_000);
    await hers.ended;
    assert.equal([...eventsIn(hers), ...eventsIn(carols)], []);
  }),
);

test(
  'a key has five streams, and one that is closed makes room',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const streams: Listening[] = [];
    for (let n = 0; n < 5; n += 1) streams.push(await alice.listen());
    const sixth = await alice.get('/requests/stream');
    assert.is(refusalOf(sixth, 429), 'too_many_streams');
    assert.is(sixth.headers['retry-after'], '60');
    streams[0]?.close();
    await streams[0]?.ended;
    let next = await alice.listen();
    for (let tries = 0; next.answer.statusCode === 429 && tries < 100; tries += 1)
      next = await alice.listen();
    assert.is(next.answer.statusCode, 200);
    for (const stream of [...streams, next]) stream.close();
  }),
);

test(
  'hostile names stay inside the data of their event',
  withConsole(
    async (site) => {
      const alice = await callerOf(site, 'alice');
      const stream = await alice.listen();
      await stream.until(': still here');
      await site.call(HOSTILE);
      await stream.until('event: request');
      assert.equal(
        eventsIn(stream).map(({ event, data }) => [event, (data as { tool: string }).tool]),
        [['request', HOSTILE]],
      );
      stream.close();
    },
    { tools: [HOSTILE] },
  ),
);

test(
  'a site that closes ends its streams',
  withConsole(async (site) => {
    const alice = await callerOf(site, 'alice');
    const stream = await alice.listen();
    await stream.until(': still here');
    site.site.close();
    await stream.ended;
  }),
);

test.run();
