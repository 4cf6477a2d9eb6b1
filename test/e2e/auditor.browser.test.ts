import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openInbox } from '../../src/demo/inbox.ts';
import { axeViolations } from '../support/axe.ts';
import { browserPerson, complaintsOf, DESK, type BrowserPerson } from '../support/browser-person.ts';
import { launchChromium } from '../support/chromium.ts';
import { decisionForms, signedFields } from '../support/console-browser.ts';
import { eventually } from '../support/host.ts';
import { openOutside } from '../support/outside.ts';
import { tempDir } from '../support/temp.ts';
import { approvalId, BINARY, makeWorkspace } from '../support/workspace.ts';

/** Ann is asked as a reviewer first, and becomes an auditor later. */
const people = (ann: 'reviewer' | 'auditor') => `people:
  - { id: alice, name: Alice Ng, emails: [alice@example.com] }
  - { id: bob, name: Bob Ito, emails: [bob@example.com] }
  - { id: ann, name: Ann Audit, emails: [ann@example.com]${ann === 'auditor' ? ', role: auditor' : ''} }
  - { id: dan, name: Dan Roe, emails: [dan@example.com] }
groups:
  ops: [alice${ann === 'auditor' ? '' : ', ann'}]
agents:
  - { id: claude, owner: bob, cool_down: 0s }
`;
const RULES = `unmatched: review
review: { reviewers: [group:ops], api: decide }
rules:
  - id: no-scripts
    match: { tool: write_file }
    when: args.path.endsWith(".sh")
    verdict: deny
    message: Nobody writes scripts here.
  - id: reads
    match: { tool: read_text_file }
    verdict: allow
`;

const inbox = await openInbox();
const workspace = makeWorkspace({
  people: people('reviewer'),
  rules: RULES,
  env: { PLACET_SMTP_URL: inbox.smtpUrl },
});
const agent = await workspace.agent();
const site = await openOutside(workspace, inbox);
const browser = await launchChromium();

test.after(async () => {
  await browser.close();
  await workspace.end();
  await inbox.close();
});

const at = (name: string): string => `${workspace.dir}/files/${name}`;
const script = (name: string) => agent.call('files__write_file', { path: at(name), content: 'rm -rf /' });
const hold = async (name: string): Promise<string> =>
  approvalId(await agent.call('files__create_directory', { path: at(name) }));
const reviews = () => workspace.journal().filter(({ type }) => type === 'evidence.reviewed');
const stateOf = async (id: string): Promise<string> => {
  const { stdout } = await workspace.placet('status', '--json');
  const { requests } = JSON.parse(stdout) as { requests: { id: string; state: string }[] };
  return requests.find((each) => each.id === id)?.state ?? 'closed';
};

/** What ann was given while she was a reviewer. */
const asked = await hold('asked-of-ann');
const annsLink = await site.linkTo(asked, 'ann');
const ann = await browserPerson(browser, site, { viewport: DESK });
await ann.enrol(await site.invite('ann'), 'Phone');
await ann.signIn();
const annsKey = await makeKey(ann, 'decide');

workspace.write('policies/people.yaml', people('auditor'));
await eventually(
  async () => workspace.types().filter((type) => type === 'people.changed').length > 1 || undefined,
  'ann is an auditor',
);
await script('first.sh');
await agent.call('files__read_text_file', { path: at('hello.txt') });

await eventually(async () => workspace.types().includes('call.completed') || undefined, 'the call has ended');

/** Makes a key for the API in the console. */
async function makeKey(person: BrowserPerson, scope: 'read' | 'decide'): Promise<string> {
  const { page } = person;
  await person.open('/console/me');
  await page.getByText('Make a key').click();
  await page.getByLabel('A name for the key').fill(`To ${scope}`);
  await page.getByLabel('What it may do').selectOption(scope);
  await person.press('Continue');
  await person.press('Make it, signing with a passkey of yours');
  return (await page.locator('#made-key').textContent()) ?? '';
}

async function showThisMonth(person: BrowserPerson): Promise<void> {
  await person.open('/console/evidence');
  await person.press('This month');
}

test('an auditor sees the figures and the exceptions of a period, and of every request its story', async () => {
  const length = await site.lengthAtRest();
  await showThisMonth(ann);
  const { page } = ann;
  assert.match((await page.locator('main').textContent()) ?? '', /Calls3/);
  await page.getByText('Nobody writes scripts here.').waitFor();
  await page.getByText('This period is not over').waitFor();
  assert.is(await site.lengthAtRest(), length);
  await ann.open('/console/requests');
  await page.locator(`a[href$="${asked}"]`).click();
  await page.getByRole('heading', { name: 'The story of this request' }).waitFor();
  assert.is(await page.locator('form[action$="/decision"]').count(), 0);
  const unasked = await hold('asked-of-alice');
  await site.linkTo(unasked, 'alice');
  assert.is(await ann.open(`/console/requests/${unasked}`), 200);
});

test('a review is recorded by a passkey, verifies, and appears on the page and to whoever waits for it', async () => {
  await showThisMonth(ann);
  const [, from = '', to = ''] = /from=([\d-]+)&to=([\d-]+)/.exec(ann.page.url()) ?? [];
  const period = ['--from', from, '--to', to, '--reviewer', 'ann', '--json', '--dir', workspace.dir];
  const waiting = spawn(process.execPath, [BINARY, 'evidence', 'review', ...period], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = text(waiting.stdout);
  let invited = '';
  waiting.stderr.setEncoding('utf8').on('data', (words: string) => {
    invited += words;
  });
  await eventually(async () => invited.includes('Waiting for the review') || undefined, 'it waits');
  const length = await site.lengthAtRest();
  await ann.page.getByLabel('What you found').fill('One script, as it should be.');
  assert.is(await ann.press('I looked at them'), 200);
  await ann.page.getByText('these exceptions').waitFor();
  const [review, ...more] = reviews();
  assert.equal(more, []);
  if (!review) throw new Error('There is no review.');
  assert.is(review['reviewer'], 'ann');
  assert.is(review['reason'], 'One script, as it should be.');
  assert.match(invited, `${site.origin}/console/evidence?from=${from}&to=${to}`);
  assert.is((JSON.parse(await told) as { seq: number }).seq, review['seq']);
  assert.is(review['seq'], length);
  const { code, stdout } = await workspace.placet('log', 'verify');
  assert.is(code, 0, stdout);
});

test('the bundle is taken away whole, and shows the digest that was reviewed; nothing of it is left, or journalled', async () => {
  await showThisMonth(ann);
  const length = await site.lengthAtRest();
  const [download] = await Promise.all([
    ann.page.waitForEvent('download'),
    ann.page.getByRole('link', { name: 'Download as .tar.gz' }).click(),
  ]);
  const folder = tempDir();
  await download.saveAs(join(folder, 'bundle.tar.gz'));
  execFileSync('tar', ['-xzf', 'bundle.tar.gz'], { cwd: folder });
  const name = download.suggestedFilename().replace('.tar.gz', '');
  const read = (path: string) => readFileSync(join(folder, name, path));
  const { files } = JSON.parse(read('manifest.json').toString()) as {
    files: readonly { path: string; sha256: string }[];
  };
  assert.ok(files.length > 10);
  for (const { path, sha256 } of files)
    assert.is(createHash('sha256').update(read(path)).digest('hex'), sha256, path);
  const exceptions = files.find(({ path }) => path === 'exceptions.jsonl');
  assert.is(exceptions?.sha256, reviews().at(-1)?.['exceptions_sha256']);
  assert.is(await site.lengthAtRest(), length);
  await eventually(
    async () => readdirSync(join(workspace.dir, 'data/exports')).length === 0 || undefined,
    'nothing is left',
  );
});

test('a review of exceptions that are others by now is refused, shown anew, and recorded then', async () => {
  await showThisMonth(ann);
  await ann.page.getByLabel('What you found').fill('Nothing new.');
  await script('second.sh');
  assert.is(await ann.press('I looked at them'), 409);
  await ann.page.getByRole('heading', { name: 'The exceptions have changed' }).waitFor();
  assert.is(await ann.page.getByLabel('What you found').inputValue(), 'Nothing new.');
  assert.is(reviews().length, 1);
  assert.is(await ann.press('I looked at them'), 200);
  assert.is(reviews().length, 2);
  await ann.page.getByText('other exceptions than now').waitFor();
});

test('a signature of somebody whose key is none, or over another period, records nothing', async () => {
  const alice = await site.enrol('alice');
  const robot = site.browser();
  await robot.signIn(alice);
  const month = await robot.form('/console/evidence?from=2026-01-01&to=2026-12-31', 'evidence/review');
  const other = await robot.form('/console/evidence?from=2025-01-01&to=2025-12-31', 'evidence/review');
  const swapped = { ...signedFields(month, alice), assertion: signedFields(other, alice)['assertion'] ?? '' };
  assert.is((await robot.post('/console/evidence/review', swapped)).status, 403);
  const forged = { ...signedFields(month, alice), proof: other.fields['proof'] ?? '' };
  assert.is((await robot.post('/console/evidence/review', forged)).status, 403);
  assert.is(reviews().length, 2);
});

test('an auditor decides in no way: by link, in the console, or by a key that was made before', async () => {
  const link = await site.browser().get(annsLink);
  assert.is(link.status, 200);
  assert.equal(decisionForms(link), {});
  const alices = await site.linkTo(asked, 'alice');
  const robot = site.browser();
  const form = decisionForms(await robot.get(alices)).typed;
  assert.ok(form);
  for (const decision of ['approve', 'reject']) {
    const posted = { ...form.fields, decision, confirm: 'create_directory', reason: '' };
    assert.is((await robot.post(`${annsLink}/decision`, posted)).status, 403);
    assert.is((await robot.post(`/console/requests/${asked}/decision`, posted)).status, 401);
  }
  const authorization = `Bearer ${annsKey}`;
  const all = await site.ask('/api/v1/requests?state=all', { headers: { authorization } });
  assert.match(all.text, asked);
  const view = await site.ask(`/api/v1/requests/${asked}`, { headers: { authorization } });
  const { card_digest, may } = JSON.parse(view.text) as { card_digest: string; may: unknown };
  assert.equal(may, { approve: [], reject: [] });
  for (const decision of ['approve', 'reject']) {
    const answer = await site.ask(`/api/v1/requests/${asked}/decisions`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'idempotency-key': `k-${decision}` },
      body: JSON.stringify({ decision, card_digest, confirm: 'create_directory' }),
    });
    assert.is(answer.status, 403);
    assert.is((JSON.parse(answer.text) as { code: string }).code, 'auditor');
  }
  assert.is(await stateOf(asked), 'pending');
  assert.not.ok(
    workspace.journal().some(({ type, reviewer }) => type === 'approval.decided' && reviewer === 'ann'),
  );
});

test('whoever is no auditor and no top-level reviewer is refused, in words', async () => {
  const dan = site.browser();
  await dan.signIn(await site.enrol('dan'));
  const refused = await dan.get('/console/evidence');
  assert.is(refused.status, 403);
  assert.match(refused.text, 'This is not for you to see');
  assert.not.match(refused.text, 'evidence/review"');
});

for (const width of [360, 1280])
  for (const colorScheme of ['light', 'dark'] as const)
    test(`the page is fit for everyone, and needs no scrolling sideways, at ${width} pixels, ${colorScheme}`, async () => {
      const storageState = await ann.page.context().storageState();
      const viewer = await browserPerson(browser, site, {
        viewport: { width, height: 800 },
        colorScheme,
        storageState,
      });
      for (const path of [
        '/console/evidence',
        '/console/evidence?from=2026-01-01&to=2026-12-31',
        '/console',
        '/console/people',
      ]) {
        await viewer.open(path);
        assert.equal(await axeViolations(viewer.page), [], path);
        const [inner, whole]: readonly [number, number] = await viewer.page.evaluate(
          '[innerWidth, document.documentElement.scrollWidth]',
        );
        assert.ok(whole <= inner, `${path} is ${whole} pixels wide on a screen of ${inner}`);
      }
      assert.equal(complaintsOf(viewer.watch), []);
      await viewer.close();
    });

test.run();
