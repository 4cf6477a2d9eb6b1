import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judge } from '../../src/core/policy.ts';
import { checkPolicy } from '../../src/policies/check.ts';
import { loadPolicy } from '../../src/policies/load.ts';

const result = await loadPolicy({ dir: fileURLToPath(new URL('../../policies', import.meta.url)) });
if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
const { policy, warnings } = result;

/** The verdict on a call of the demo's agent, and who is asked. */
function verdict(server: string, tool: string, args = {}, tags: readonly string[] = []): readonly unknown[] {
  const now = new Date('2026-11-23T10:00:00.000Z');
  const facts = { agent: 'demo-agent', owner: 'bob', server, tool, tags, args, now, changed: false };
  const given = judge(facts, policy);
  const asked = given.kind === 'review' ? given.asked.flatMap(({ terms }) => terms.reviewers) : [];
  return [given.kind, given.rule, ...asked];
}

test("the repository's own policy has no problems and no warnings", () => {
  assert.equal([checkPolicy(policy), warnings], [[], []]);
});

for (const tool of ['read_text_file', 'list_directory', 'search_files', 'get_file_info', 'directory_tree']) {
  test(`${tool} is allowed`, () => {
    assert.equal(verdict('files', tool), ['allow', 'file-reads']);
  });
}

for (const tool of ['write_file', 'edit_file', 'move_file', 'create_directory']) {
  test(`${tool} is reviewed by alice`, () => {
    assert.equal(verdict('files', tool, { path: '/srv/a.txt' }, ['sensitive']), [
      'review',
      'file-writes',
      'alice',
    ]);
  });
}

test('a script is not written', () => {
  assert.equal(verdict('files', 'write_file', { path: '/srv/a.sh' }), ['deny', 'no-scripts']);
});

test('a guarded tool is reviewed by alice or carol', () => {
  assert.equal(verdict('tools', 'delete_customers'), ['review', 'guarded-tools', 'alice', 'carol']);
});

test('a tool that no rule names is reviewed', () => {
  assert.equal(verdict('elsewhere', 'read_file'), ['review', 'unmatched', 'alice']);
});

test.run();
