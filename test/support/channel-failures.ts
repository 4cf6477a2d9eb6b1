import * as assert from 'uvu/assert';
import { behaviourOf, failureOf, newest, type ChannelSetup } from './channel-bench.ts';
import { until } from './journal-suite.ts';

/** However the service fails, the driver says so in one clear line without secrets, and goes on working. */
export function channelFailures(setup: ChannelSetup): void {
  const behaviour = behaviourOf(setup);
  const where = (kind: ChannelSetup['fails'][number], run: () => void): void => {
    if (setup.fails.includes(kind)) run();
  };

  where('refuse', () =>
    behaviour('what is refused for good is not worth another try', async ({ bench, connect, way }) => {
      bench.behave({ kind: 'refuse' });
      const error = await failureOf(way.send(connect(), await way.ask()), bench);
      assert.is(error.permanent, true);
      assert.equal(bench.messages(), []);
    }),
  );

  where('busy', () =>
    behaviour('what failed for now arrives when it is tried again', async ({ bench, connect, way }) => {
      const driver = connect();
      const notice = await way.ask();
      bench.behave({ kind: 'busy' });
      const error = await failureOf(way.send(driver, notice), bench);
      assert.is(error.permanent, false);
      bench.behave({ kind: 'well' });
      await way.send(driver, notice);
      assert.is(bench.messages().length, 1);
      assert.ok(newest(bench).links.includes(notice.link));
    }),
  );

  where('busy', () =>
    behaviour('an outcome that failed for now is told when it is tried again', async (scene) => {
      const { bench, connect, way } = scene;
      const driver = connect();
      const { message_id: first } = await way.send(driver, await way.ask());
      bench.behave({ kind: 'busy' });
      const outcome = await way.outcome({}, 'Not today', first);
      const error = await failureOf(way.send(driver, outcome), bench);
      assert.is(error.permanent, false);
      bench.behave({ kind: 'well' });
      await way.send(driver, outcome);
      if (setup.outcome === 'closed') assert.is(newest(bench).closed, true);
      else assert.ok(newest(bench).seen.includes('Not today'));
    }),
  );

  where('limit', () => {
    behaviour('a limit says when it may be tried again', async ({ bench, connect, way }) => {
      const driver = connect();
      bench.behave({ kind: 'limit', retry_after: '30' });
      const error = await failureOf(way.send(driver, await way.ask()), bench);
      assert.is(error.permanent, false);
      assert.is(error.retry_after_ms, 30_000);
      bench.behave({ kind: 'well' });
      await way.send(driver, await way.ask());
      assert.is(bench.messages().length, 1);
    });

    for (const text of ['soon', '-5', '', '1e99', '9999999999', 'Mon, 23 Nov 2026 10:01:00 GMT']) {
      behaviour(`a limit until “${text}” is a limit all the same`, async ({ bench, connect, way }) => {
        bench.behave({ kind: 'limit', retry_after: text });
        const error = await failureOf(way.send(connect(), await way.ask()), bench);
        assert.is(error.permanent, false);
        const wait = error.retry_after_ms ?? 0;
        assert.ok(wait >= 0 && wait <= 86_400_000, String(wait));
      });
    }
  });

  where('hang', () => {
    behaviour('a service that says nothing is given up', async ({ bench, clock, connect, way }) => {
      const driver = connect();
      bench.behave({ kind: 'hang' });
      const failing = failureOf(way.send(driver, await way.ask()), bench);
      await until(() => bench.asked() === 1);
      clock.advance(90_000);
      assert.is((await failing).permanent, false);
      bench.behave({ kind: 'well' });
      await way.send(driver, await way.ask());
      assert.ok(newest(bench).seen.includes('write_file'));
    });

    behaviour('closing gives up what is under way', async ({ bench, connect, way }) => {
      const driver = connect();
      bench.behave({ kind: 'hang' });
      const failing = failureOf(way.send(driver, await way.ask()), bench);
      await until(() => bench.asked() === 1);
      await driver.close();
      assert.is((await failing).permanent, false);
    });
  });

  where('hang up', () =>
    behaviour('a connection that ends in the middle is worth another try', async (scene) => {
      const { bench, connect, way } = scene;
      bench.behave({ kind: 'hang up' });
      const error = await failureOf(way.send(connect(), await way.ask()), bench);
      assert.is(error.permanent, false);
    }),
  );

  where('redirect', () =>
    behaviour('a redirect is not followed', async ({ bench, connect, way }) => {
      bench.behave({ kind: 'redirect' });
      await failureOf(way.send(connect(), await way.ask()), bench);
      assert.is(bench.strays?.(), 0);
      assert.is(bench.asked(), 1);
    }),
  );

  where('flood', () =>
    behaviour('an answer without end is not read to its end', async ({ bench, connect, way }) => {
      bench.behave({ kind: 'flood' });
      const sending = way.send(connect(), await way.ask());
      const taken = await sending.then(
        () => true,
        () => false,
      );
      if (!taken) await failureOf(sending, bench);
    }),
  );
}
