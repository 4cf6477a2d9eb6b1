import { getDefaultEnvironment } from '@modelcontextprotocol/sdk/client/stdio.js';
import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { safeEnvironment } from '../../src/environment.ts';
import { LATEST_REVISION, REVISIONS } from '../../src/mcp/revisions.ts';

test("the revisions that are spoken are the SDK's", () => {
  assert.equal(REVISIONS, SUPPORTED_PROTOCOL_VERSIONS);
  assert.is(LATEST_REVISION, LATEST_PROTOCOL_VERSION);
});

test("a downstream is given what the SDK's client gives", () => {
  process.env.SHELL = '() { :; }; echo found';
  process.env.PLACET_TEST_SECRET = 'not for a downstream';
  const given = safeEnvironment();
  assert.equal(given, getDefaultEnvironment());
  assert.not('SHELL' in given);
  assert.is(given.PATH, process.env.PATH);
});

test.run();
