import { test } from 'uvu';
import { jsonlBench } from '../support/jsonl-bench.ts';
import { journalSuite } from '../support/journal-suite.ts';
import { treeSuite } from '../support/tree-suite.ts';

journalSuite('jsonl', jsonlBench);
treeSuite('jsonl', jsonlBench);

test.run();
