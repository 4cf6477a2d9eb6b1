/** Writes docs/controls.md from the mapping: `node --import tsx scripts/controls-page.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlsPage } from '../test/support/controls-page.ts';
import { ROOT } from '../test/support/workspace.ts';

writeFileSync(join(ROOT, 'docs/controls.md'), await controlsPage());
