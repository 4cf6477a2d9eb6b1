import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { includes, leafHash } from '../../src/tlog/merkle.ts';
import { parseProof } from '../../src/tlog/proof.ts';
import { ConsoleBrowser } from '../support/console-browser.ts';
import { withConsole, type ConsoleSite, type RawAnswer } from '../support/console-site.ts';

const PROGRAM = { accept: 'application/json' };

/** A request that Alice rejected, and the places of its entries. */
async function rejected(site: ConsoleSite) {
  const id = await site.call();
  await site.link(id, 'alice');
  const token = await site.link(id, 'alice');
  const page = await site.ask(`/r/${token}`);
  const proof = /name="proof" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
  const answer = await new ConsoleBrowser(site).post(`/r/${token}/decision`, {
    decision: 'reject',
    reason: 'No',
    confirm: 'write_file',
    proof,
  });
  assert.is(answer.status, 303);
  const seqOf = (type: string) =>
    site.journal.entries.find((entry) => entry.type === type && 'request_id' in entry)?.seq ?? -1;
  return { id, token, decided: seqOf('approval.decided'), resolved: seqOf('approval.resolved'), seqOf };
}

async function signedIn(site: ConsoleSite, person: string): Promise<ConsoleBrowser> {
  const browser = new ConsoleBrowser(site);
  await browser.signIn(await site.enrol(person));
  return browser;
}

async function lineAt(site: ConsoleSite, seq: number): Promise<Buffer> {
  for await (const line of site.journal.readLines(seq, seq + 1)) return line;
  throw new Error(`There is no line ${seq}.`);
}

test(
  'the story of a request leads to a proof of each decision, resolution and execution that is covered, and no other',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const { id, decided, resolved } = await rejected(site);
    const page = async () => (await alice.get(`/console/requests/${id}`)).text;
    assert.not.match(await page(), 'console/proofs/');
    assert.is((await page()).match(/the proof follows with the next checkpoint/g)?.length, 2);
    site.signed.sign();
    assert.equal(
      [...(await page()).matchAll(/href="([^"]*console\/proofs\/\d+)"/g)].map(([, href]) => href),
      [`../../console/proofs/${decided}`, `../../console/proofs/${resolved}`],
    );
    assert.not.match(await page(), 'the proof follows');
  }),
);

test(
  'a proof is a file that stands alone: the entry, its path to the root, and the signed note',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    for (let made = 0; made < 100; made += 1) await site.call('write_file', { path: `/srv/${made}` });
    const { decided } = await rejected(site);
    const { note } = site.signed.sign();
    const answer = await alice.get(`/console/proofs/${decided}`);
    assert.is(answer.status, 200);
    assert.is(answer.headers['content-disposition'], `attachment; filename="${decided}.tlog-proof"`);
    assert.is(answer.headers['content-type'], 'application/octet-stream');
    assert.is(answer.headers['cache-control'], 'no-store');
    const { extra, index, hashes, checkpoint } = parseProof(answer.text);
    assert.is(index, decided);
    assert.is(checkpoint, note);
    assert.equal(extra, await lineAt(site, decided));
    assert.is(JSON.parse(String(extra)).type, 'approval.decided');
    const opened = openCheckpoint(checkpoint, [site.signed.key]);
    assert.is(opened.right.length, 1);
    assert.ok(includes(opened.checkpoint, index, leafHash(extra ?? ''), hashes));
  }),
);

test(
  'a proof waits for the next checkpoint and has none signed by asking',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const { decided } = await rejected(site);
    const before = site.journal.entries.length;
    for (const signed of [false, true]) {
      if (signed) site.signed.world.newest = { ...site.signed.sign(), size: decided };
      const answer = await alice.get(`/console/proofs/${decided}`, PROGRAM);
      assert.is(answer.status, 503);
      assert.is(answer.headers['retry-after'], '3');
      assert.is(JSON.parse(answer.text).code, 'not_covered');
    }
    assert.is(site.journal.entries.length, before);
    site.signed.sign();
    assert.is((await alice.get(`/console/proofs/${decided}`)).status, 200);
  }),
);

test(
  "who was asked and the agent's owner are given proofs, and nobody else is told that there is such an entry",
  withConsole(async (site) => {
    const people = ['alice', 'bob', 'carol', 'dan'];
    const browsers = new Map<string, ConsoleBrowser>();
    for (const person of people) browsers.set(person, await signedIn(site, person));
    const { decided } = await rejected(site);
    site.signed.sign();
    const ask = async (person: string, seq: number): Promise<Pick<RawAnswer, 'status' | 'text'>> => {
      const answer = await browsers.get(person)?.get(`/console/proofs/${seq}`, PROGRAM);
      return { status: answer?.status ?? 0, text: answer?.text ?? '' };
    };
    for (const person of ['alice', 'bob', 'carol'])
      assert.is((await ask(person, decided)).status, 200, person);
    const refused = await ask('dan', decided);
    assert.is(refused.status, 404);
    assert.equal(refused, await ask('dan', 99_999));
  }),
);

test(
  'entries of no request, those that are no decision, resolution or execution, and those that are none, have no proof here',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const { seqOf } = await rejected(site);
    site.signed.sign();
    const opened = site.journal.entries.find((entry) => entry.type === 'session.opened')?.seq;
    const paths = [opened, seqOf('link.issued'), seqOf('approval.requested'), 99_999, '9'.repeat(30)];
    for (const path of [...paths, '-1', '01', '1e1', '1.0', 'x', '%00', '%0a1', '..%2f1', '']) {
      const answer = await alice.get(`/console/proofs/${path}`, PROGRAM);
      assert.is(answer.status, 404, String(path));
      assert.not.match(answer.text, 'tlog-proof');
    }
  }),
);

test(
  'nobody is given a proof without a session, and the page of a link leads to none',
  withConsole(async (site) => {
    const { decided, token } = await rejected(site);
    site.signed.sign();
    for (const method of ['GET', 'HEAD']) {
      const answer = await site.ask(`/console/proofs/${decided}`, { method, headers: PROGRAM });
      assert.is(answer.status, 401);
    }
    assert.is((await site.ask(`/console/proofs/${decided}`)).status, 303);
    assert.not.match((await site.ask(`/r/${token}`)).text, 'console/proofs');
  }),
);

test(
  'a proof that does not hold is not given out, and only the log of the host is told why',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const { decided } = await rejected(site);
    site.signed.sign();
    site.signed.world.broken = new Error('EIO: /var/placet/data/journal/00000000.jsonl');
    const broken = await alice.get(`/console/proofs/${decided}`, PROGRAM);
    assert.is(broken.status, 500);
    assert.not.match(broken.text, /EIO|jsonl/);
    assert.match(site.logged.at(-1) ?? '', `the entry ${decided} cannot be proven: EIO`);
    delete site.signed.world.broken;

    const newest = site.signed.sign();
    const root = leafHash('another tree');
    const note = newest.note.replace(newest.root.toString('base64'), root.toString('base64'));
    site.signed.world.newest = { ...newest, root, note };
    const answer = await alice.get(`/console/proofs/${decided}`, PROGRAM);
    assert.is(answer.status, 500);
    assert.is(JSON.parse(answer.text).code, 'log_unreadable');
    assert.match(site.logged.at(-1) ?? '', 'Run placet log verify.');
  }),
);

test(
  'a proof appends nothing, however often it is asked for',
  withConsole(async (site) => {
    const alice = await signedIn(site, 'alice');
    const { decided } = await rejected(site);
    site.signed.sign();
    const before = site.journal.entries.length;
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      await site.ask(`/console/proofs/${decided}`, { method, headers: { cookie } });
    }
    assert.is(site.journal.entries.length, before);
  }),
);

test.run();
