import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { controlsPage } from '../support/controls-page.ts';
import { ROOT } from '../support/workspace.ts';

test('the page of controls says what the mapping says', async () => {
  assert.is(readFileSync(join(ROOT, 'docs/controls.md'), 'utf8'), await controlsPage());
});

test.run();
