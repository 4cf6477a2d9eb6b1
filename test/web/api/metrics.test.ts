import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusalOf } from '../../support/api-caller.ts';
import { withConsole } from '../../support/console-site.ts';

const TOKEN = 'monitor-token-monitor-token-monitor-token';
const JSON_PLEASE = { accept: 'application/json' };

test(
  'a monitor is told the counts, and nothing that an agent names',
  withConsole(
    async (site) => {
      await site.call('write_file', { path: '/srv/a' });
      await site.call('delete_file');
      site.clock.advance(61_500);
      const headers = { ...JSON_PLEASE, authorization: `Bearer ${TOKEN}` };
      const answer = await site.ask('/metrics', { headers });
      assert.is(answer.status, 200);
      assert.is(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
      const lines = answer.text.split('\n');
      assert.ok(lines.includes('placet_requests{state="pending"} 2'));
      assert.ok(lines.includes('placet_requests{state="succeeded"} 0'));
      assert.ok(lines.includes('placet_notices_failed 0'));
      assert.ok(lines.includes(`placet_journal_entries ${site.journal.entries.length}`));
      assert.ok(lines.includes('placet_ready 1'));
      assert.ok(lines.includes('placet_uptime_seconds 61'));
      for (const line of lines)
        assert.match(line, /^(?:# (?:HELP|TYPE) placet_\w+ .+|placet_\w+(?:\{state="\w+"\})? \d+|)$/);
      assert.not.match(answer.text, 'claude');
    },
    { monitorToken: TOKEN },
  ),
);

test(
  'nobody else is told anything',
  withConsole(
    async (site) => {
      for (const authorization of ['', 'Bearer x', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
        const answer = await site.ask('/metrics', { headers: { ...JSON_PLEASE, authorization } });
        assert.is(refusalOf(answer, 401), 'no_monitor');
      }
    },
    { monitorToken: TOKEN },
  ),
);

test(
  'without a token of the workspace there is none that opens the metrics',
  withConsole(async (site) => {
    const headers = { ...JSON_PLEASE, authorization: 'Bearer undefined' };
    assert.is(refusalOf(await site.ask('/metrics', { headers }), 403), 'metrics_closed');
  }),
);

test.run();
