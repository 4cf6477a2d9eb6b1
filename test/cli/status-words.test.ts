import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statusText } from '../../src/cli/status-words.ts';
import type { HostStatus } from '../../src/host/status.ts';

const STATUS: HostStatus = {
  running: true,
  software: '1.0.0',
  pid: 7,
  workspace: '/srv/placet',
  url: 'http://localhost:8787',
  sessions: 1,
  journal: { entries: 12 },
  log: { key: 'placet+00000000+AQ', witnesses: [] },
  problems: [],
  servers: [
    { name: 'files', state: 'ready', tools: 14 },
    { name: 'clock', state: 'ready', tools: 1 },
  ],
  requests: [],
  undelivered: [],
  gave_up: [],
  uninvited: [],
  streams: [],
};

test('what runs is told a line each', () => {
  assert.equal(statusText(STATUS).split('\n'), [
    'Placet 1.0.0, process 7, serves /srv/placet at http://localhost:8787',
    'Clients attached: 1. Journal: 12 entries.',
    'No checkpoint is signed yet.',
    'Servers:',
    '  files: ready, 14 tools',
    '  clock: ready, 1 tool',
    'Nothing is pending.',
  ]);
});

test('what servers and agents wrote moves no cursor, begins no line and turns no text around', () => {
  const hostile = 'x\u001B[2J\u001B]0;owned\u0007\r\n  files: ready, 99 tools\u202E';
  const shown = statusText({
    ...STATUS,
    problems: [hostile],
    journal: { entries: 12, trouble: hostile },
    servers: [{ name: 'odd', state: 'failed', tools: 0, error: hostile }],
    requests: [
      {
        id: 'apr_1',
        state: 'pending',
        agent: hostile,
        server: 'odd',
        tool: hostile,
        expires_at: '2026-12-01T10:00:00.000Z',
      },
    ],
    undelivered: [{ request_id: 'apr_1', channel: hostile, notice: 'ask', error: hostile }],
    gave_up: [{ request_id: 'apr_1', channel: 'email', notice: 'ask', error: hostile }],
    uninvited: [{ person: 'alice', error: hostile }],
  });
  assert.equal(shown.match(/[^\n\P{C}]/gu), null);
  assert.is(shown.split('\n').length, 11);
  assert.match(shown, 'U+001B escape');
});

test.run();
