import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../../src/core/entry.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { checkControls, loadControls } from '../../../src/evidence/controls/load.ts';
import { ENTRY_TYPES } from '../../../src/journal/entry-schema.ts';
import { tempDir } from '../../support/temp.ts';
import { ROOT } from '../../support/workspace.ts';

const DATA = join(ROOT, 'src/evidence/controls');

/** The controls that must be there, by framework. */
const WANTED = {
  soc2: ['CC2.1', 'CC4.1', 'CC6.1', 'CC6.3', 'CC7.2', 'CC7.3', 'CC8.1'],
  iso27001: [
    'A.5.3',
    'A.5.15',
    'A.5.28',
    'A.5.33',
    'A.8.2',
    'A.8.15',
    'A.8.16',
    'A.8.17',
    'A.8.18',
    'A.8.32',
  ],
  fedramp: [
    'AC-3',
    'AC-5',
    'AC-6(9)',
    'AU-2',
    'AU-3',
    'AU-5',
    'AU-8',
    'AU-9',
    'AU-9(3)',
    'AU-10',
    'AU-11',
    'AU-12',
    'CM-3',
    'CM-5',
    'CM-5(1)',
  ],
  fedramp20x: [
    'KSI-CMT-LMC',
    'KSI-IAM-APM',
    'KSI-IAM-ELP',
    'KSI-IAM-JIT',
    'KSI-IAM-SNU',
    'KSI-MLA-LET',
    'KSI-MLA-OSM',
    'KSI-MLA-RVL',
    'KSI-SVC-VRI',
  ],
  'eu-ai-act': ['Art. 12', 'Art. 14', 'Art. 19', 'Art. 26'],
  hipaa: ['164.312(b)'],
  iso42001: ['A.6.2.8', 'A.9.2'],
  'pci-dss': ['10.2', '10.3', '10.5'],
  sox: ['ITGC-AC', 'ITGC-PC', 'ITGC-CO'],
};

/** Entries that are evidence for no control by themselves: they belong to others that are. */
const OF_NO_CONTROL = [
  'link.issued',
  'notice.sent',
  'passkey.invitation_approved',
  'passkey.invitation_linked',
  'passkey.invitation_sent',
  'passkey.invitation_withdrawn',
  'passkey.invited',
];

function policies(controls: string): string {
  const dir = join(tempDir(), 'policies');
  mkdirSync(dir);
  writeFileSync(join(dir, 'controls.yaml'), controls);
  return dir;
}

async function mistakesIn(controls: string): Promise<readonly string[]> {
  const problems = await checkControls(policies(controls));
  return problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

const entry = (type: string, members: object = {}): Entry => ({ type, ...members }) as Entry;

test('every control that is promised is there, with its title and its limits', async () => {
  const { mapping, files } = await loadControls({});
  const found = Object.fromEntries(
    mapping.frameworks.map(({ id, controls }) => [id, controls.map((c) => c.id)]),
  );
  assert.equal(found, WANTED);
  for (const { controls, title, version } of mapping.frameworks) {
    assert.ok(title.length > 5 && version !== '');
    for (const control of controls)
      for (const text of [control.title, control.supports, control.limits])
        assert.ok(text.length > 5, `${control.id}: ${text}`);
  }
  assert.equal(
    files.map(({ name }) => name).toSorted(),
    readdirSync(DATA).filter((name) => name.endsWith('.yaml')),
  );
});

test('no word of it says that anybody is compliant', () => {
  for (const name of readdirSync(DATA).filter((each) => each.endsWith('.yaml')))
    assert.not.match(readFileSync(join(DATA, name), 'utf8'), /complian|certif|satisf/i, name);
});

test('what the baselines of FedRAMP hold', async () => {
  const { mapping } = await loadControls({ frameworks: ['fedramp'] });
  const [fedramp] = mapping.frameworks;
  const of = (baseline: string) =>
    fedramp?.controls.filter(({ baselines = [] }) => !baselines.includes(baseline)).map(({ id }) => id);
  assert.equal(of('high'), []);
  assert.equal(of('moderate'), ['AU-9(3)', 'AU-10']);
});

test('every type of entry is evidence for some control, but for those that only belong to others', async () => {
  const { mapping } = await loadControls({});
  const unmapped = ENTRY_TYPES.filter(
    (type) =>
      mapping.controlsOf([
        entry(type, { verification: 'passkey', resolution: 'approved', decision: 'approve' }),
      ]).length === 0,
  );
  assert.equal(unmapped.toSorted(), OF_NO_CONTROL);
});

test('the clause that says most of an entry is the one that is shown', async () => {
  const { mapping } = await loadControls({ frameworks: ['fedramp'] });
  const shown = (members: object) =>
    mapping
      .controlsOf([entry('approval.decided', members)])
      .filter(({ id }) => id === 'AC-5' || id === 'AU-10')
      .map(({ id, shows }) => `${id}: ${shows}`);
  assert.equal(shown({ verification: 'passkey', solo: true }), [
    'AC-5: The workspace declares one person only, and records this approval as that exception.',
    "AU-10: The person's authenticator signed exactly this decision, and the signature is kept.",
  ]);
  assert.equal(shown({ verification: 'link' }), ["AC-5: Somebody other than the agent's owner decided."]);
});

test('a control is named once, however many entries support it', async () => {
  const { mapping } = await loadControls({ frameworks: ['hipaa', 'sox'] });
  assert.equal(
    mapping
      .controlsOf([entry('call.requested'), entry('execution.failed'), entry('execution.started')])
      .map(({ framework, id }) => `${framework} ${id}`),
    ['hipaa 164.312(b)', 'sox ITGC-PC', 'sox ITGC-CO'],
  );
});

test('a workspace adds frameworks, controls and evidence', async () => {
  const dir = policies(`frameworks:
  - framework: soc2
    version: acme-3
    controls:
      - id: CC6.1
        evidence:
          - { entry: notice.sent, shows: Somebody was told. }
      - id: CC6.8
        title: The entity implements controls to prevent or detect unauthorized software.
        supports: That tools are pinned.
        limits: Nothing else.
        evidence: [{ entry: tool.registered, shows: It was pinned. }]
  - framework: acme
    title: Acme's own rules
    version: '1'
    controls:
      - id: A1
        title: Two people
        supports: That two people looked.
        limits: How well they looked.
        evidence:
          - entry: approval.decided
            where: { decision: approve, verification: [passkey, sso] }
            shows: One of them looked.
`);
  const { mapping, files } = await loadControls({ policies: dir });
  const named = (each: Entry) =>
    mapping
      .controlsOf([each])
      .flatMap(({ framework, id }) => (/soc2|acme/.test(framework) ? [`${framework} ${id}`] : []));
  assert.equal(named(entry('notice.sent')), ['soc2 CC6.1']);
  assert.equal(named(entry('tool.registered')), ['soc2 CC6.8']);
  const decided = { decision: 'approve', verification: 'sso' };
  assert.ok(named(entry('approval.decided', decided)).includes('acme A1'));
  assert.not(named(entry('approval.decided', { ...decided, decision: 'reject' })).includes('acme A1'));
  assert.is(mapping.frameworks.find(({ id }) => id === 'soc2')?.version, '1+acme-3');
  assert.ok(files.some(({ name }) => name === 'workspace.yaml'));
});

test('mistakes are told where they stand', async () => {
  assert.equal(
    await mistakesIn(`frameworks:
  - framework: soc2
    title: Mine
    version: '1'
    controls:
      - id: CC6.1
        limits: None at all.
        evidence:
          - { entry: approval.decidd, shows: x }
          - { entry: approval.decided, where: { verdict: allow, verification: sms }, shows: x }
      - id: CC9.9
        evidence: [{ entry: call.denied, shows: x }]
`),
    [
      'policies/controls.yaml:9:22 No entry is of the type "approval.decidd" (did you mean approval.decided?).',
      'policies/controls.yaml:10:58 Entries of the type approval.decided have no verdict.',
      'policies/controls.yaml:10:79 verification of approval.decided is never "sms".',
      'policies/controls.yaml:3:12 soc2 is known already; leave its title out, and add controls.',
      'policies/controls.yaml:6:9 CC6.1 is known already; only evidence can be added to it.',
      'policies/controls.yaml:11:9 The control CC9.9 has no title.',
      'policies/controls.yaml:11:9 The control CC9.9 has no supports.',
      'policies/controls.yaml:11:9 The control CC9.9 has no limits.',
    ],
  );
  assert.equal(await mistakesIn('controls: []\n'), [
    'policies/controls.yaml:1:1 frameworks must be a list of frameworks.',
    'policies/controls.yaml:1:1 "controls" is no key of a mapping to controls.',
  ]);
  assert.equal(await mistakesIn('frameworks: [\n'), [
    'policies/controls.yaml:2:1 This is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
  ]);
});

test('a file that is wrong is refused in one sentence a mistake, and an unknown framework with what was meant', async () => {
  const refused = async (options: Parameters<typeof loadControls>[0]): Promise<string> => {
    try {
      await loadControls(options);
    } catch (error) {
      if (error instanceof ConfigError) return `${error.code}: ${error.message}`;
    }
    return 'it was taken';
  };
  assert.is(
    await refused({ policies: policies('frameworks: 3\n') }),
    'controls_invalid: The mapping to controls does not load.\npolicies/controls.yaml:1:13 frameworks must be a list of frameworks.',
  );
  assert.match(
    await refused({ frameworks: ['soc3'] }),
    /^unknown_framework: No controls of "soc3" are known.*soc2/,
  );
});

test.run();
