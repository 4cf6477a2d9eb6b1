import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backoff } from '../../src/core/backoff.ts';

const PATIENCE = { first_ms: 2000, most_ms: 300_000 };
const least = () => new Uint8Array([0]);
const most = () => new Uint8Array([255]);

test('the wait doubles with each failure, between half and all of it, up to the most', () => {
  assert.equal(
    [1, 2, 3, 8, 9, 1000].map((failures) => backoff(failures, PATIENCE, most)),
    [2000, 4000, 8000, 256_000, 300_000, 300_000],
  );
  assert.equal(
    [1, 2, 9].map((failures) => backoff(failures, PATIENCE, least)),
    [1000, 2000, 150_000],
  );
});

test.run();
