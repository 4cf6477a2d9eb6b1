import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { channelSuite } from '../../support/channel-suite.ts';
import { tempDir } from '../../support/temp.ts';
import { createFileDriver } from './driver.ts';

channelSuite({
  name: 'example',
  place: 'file',
  outcome: 'separate',
  reminder: 'separate',
  stable_ids: true,
  digest: false,
  fails: [],
  open: async (clock) => {
    const file = join(tempDir(), 'notices.txt');
    const notices = (): readonly string[] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n\n')
            .filter((text) => text !== '')
        : [];
    return {
      connect: () => createFileDriver({ file, clock }),
      behave: () => undefined,
      asked: () => notices().length,
      messages: () =>
        notices().map((text) => ({
          seen: text,
          links: text.match(/\b(?:https?:\/\/|www\.|mailto:)\S*/g) ?? [],
          active: [],
          golden: text,
        })),
      secrets: [],
      close: async () => undefined,
    };
  },
});

const DOCS = readFileSync(join(import.meta.dirname, '../../../docs/channels.md'), 'utf8');

for (const name of ['driver.ts', 'suite.test.ts']) {
  test(`docs/channels.md shows ${name} as it is tested`, () => {
    const code = readFileSync(join(import.meta.dirname, name), 'utf8');
    const shown = code.split('\nconst DOCS = ')[0]?.trimEnd() ?? '';
    const told = DOCS.replaceAll(/^\/\/ …$/gm, '');
    assert.ok(shown.length > 500);
    assert.ok(told.includes(shown), `the code of ${name} in docs/channels.md is another`);
  });
}

test.run();
