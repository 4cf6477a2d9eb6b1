import { test } from 'uvu';
import { jsonlBench } from '../support/jsonl-bench.ts';
import { journalSuite } from '../support/journal-suite.ts';

journalSuite('jsonl', jsonlBench);

test.run();
