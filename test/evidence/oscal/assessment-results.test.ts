import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReportInput } from '../../../src/evidence/bundle/report-input.ts';
import { assessmentResults, assessmentResultsText } from '../../../src/evidence/oscal/assessment-results.ts';
import { controlId, plainMarkup, valueOf } from '../../../src/evidence/oscal/texts.ts';
import { uuidOf } from '../../../src/evidence/oscal/uuid.ts';
import { gatherFacts } from '../../../src/evidence/report/gather.ts';
import { OSCAL_SCHEMA } from '../../support/oscal-schema.ts';
import type { Write } from '../../support/report-calls.ts';
import { each, reportInput } from '../../support/report-world.ts';

const ajv = new Ajv({ strict: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(OSCAL_SCHEMA);

async function textOf(write?: Write, more: Partial<ReportInput> = {}): Promise<string> {
  return assessmentResultsText(await gatherFacts(reportInput(write, more)));
}

async function resultsOf(write?: Write, more: Partial<ReportInput> = {}) {
  return assessmentResults(await gatherFacts(reportInput(write, more)))['assessment-results'];
}

/** @returns what is wrong with it */
function faults(text: string): readonly string[] {
  validate(JSON.parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('it is valid by the part of NIST’s schema that it uses', async () => {
  assert.equal(faults(await textOf()), []);
});

test('hostile texts in every place leave it valid', async () => {
  for (const hostile of [
    '',
    '   ',
    '\n\r\t',
    '\u202e\u2028\ud800',
    '"}{[<script>',
    '{{ insert: x }} [a](javascript:b)',
  ]) {
    assert.equal(faults(await textOf((text) => `${hostile}${text}${hostile}`)), []);
    assert.equal(faults(await textOf(() => hostile)), []);
  }
});

test('a period without calls, exceptions and frameworks is valid', async () => {
  const more: Partial<ReportInput> = {
    exceptions: () => each([]),
    entries: () => each([]),
    sample: { seed: 's', by_default: false, calls: [] },
    mapping: { frameworks: [], controlsOf: () => [] },
  };
  assert.equal(faults(await textOf(undefined, more)), []);
  assert.is((await resultsOf(undefined, more)).results[0].observations, undefined);
});

test('the schema finds what is missing, what is not known, and what is no UUID', async () => {
  const text = await textOf();
  assert.ok(faults(text.replace('"reviewed-controls"', '"controls"')).length > 0);
  assert.ok(faults(text.replace('"1.1.3"', '"9.9"')).length > 0);
  assert.ok(faults(text.replace(/"uuid": "..../, '"uuid": "zzzz')).length > 0);
  assert.ok(faults(text.replace('"start": "2026-11-01T', '"start": "2026-11-01 ')).length > 0);
  assert.ok(faults(text.replace('"control-id": "ac-6.9"', '"control-id": "6.9"')).length > 0);
});

test('the same bundle gives the same file, and another period other UUIDs', async () => {
  assert.is(await textOf(), await textOf());
  const other = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-30T00:00:00.000Z' };
  assert.is.not((await resultsOf(undefined, { period: other })).uuid, (await resultsOf()).uuid);
});

test('no UUID is given twice', async () => {
  const uuids = [...(await textOf()).matchAll(/"uuid": "([^"]+)"/g)].map(([, uuid]) => uuid);
  assert.is(uuids.length, 148);
  assert.is(new Set(uuids).size, 148);
});

test('a UUID is of version 5 under a name space of our own', () => {
  // As Python's uuid.uuid5 gives it for the name ["a"].
  assert.is(uuidOf('a'), '8f3d7d56-bf6b-5818-a240-c029c743aa99');
  assert.is.not(uuidOf('a', 'b'), uuidOf('ab'));
});

test('it makes no finding, and says why', async () => {
  const text = await textOf();
  assert.not(/"findings"|"satisfied"|"target"/.test(text));
  assert.match(text, 'It has observations and no findings');
});

test('controls stand under the ids of NIST’s catalogue, or of their framework', async () => {
  const { results } = await resultsOf();
  assert.equal(
    results[0]['reviewed-controls']['control-selections'].map((each) => each['include-controls']),
    [[{ 'control-id': 'soc2_CC6.1' }, { 'control-id': 'soc2_CC8.1' }], [{ 'control-id': 'ac-6.9' }]],
  );
  assert.is(controlId('fedramp', 'AU-10'), 'au-10');
  assert.is(controlId('nist-800-53', 'CM-5(1)'), 'cm-5.1');
  assert.is(controlId('fedramp', 'KSI-MLA-01'), 'fedramp_KSI-MLA-01');
  assert.is(controlId('hipaa', '164.312(b)'), 'hipaa_164.312-b-');
  assert.is(controlId('9lives', 'A b'), '_9lives_A-b');
  assert.is(controlId('own', 'AC-3'), 'own_AC-3');
});

test('of each kind it counts all exceptions, and lists the first hundred', async () => {
  const facts = await gatherFacts(reportInput());
  const denied = facts.exceptions.get('denied')?.first[0];
  if (!denied) throw new Error('The month has no call that was denied.');
  const many = Array.from({ length: 130 }, (_, seq) => ({ ...denied, seq }));
  const { results } = await resultsOf(undefined, { exceptions: () => each(many) });
  const observations = results[0].observations ?? [];
  assert.is(observations.filter(({ title }) => title.startsWith('Observed: Denied, entry')).length, 100);
  assert.equal(observations.find(({ title }) => title === 'Observed: Denied')?.props.slice(1), [
    { name: 'count', ns: 'urn:placet:oscal:1', value: '130' },
    { name: 'listed', ns: 'urn:placet:oscal:1', value: '100' },
  ]);
});

test('a call of the sample leads to its page and its proofs', async () => {
  const { results } = await resultsOf();
  const call = results[0].observations?.find(({ title }) => title.startsWith('Sample, call 1'));
  assert.is(call?.title, 'Sample, call 1: send\\_payment on bank');
  assert.equal(call?.['relevant-evidence'].map(({ href }) => href).slice(0, 2), [
    '../sample/001-cal_01kb4e5m7n8p9q0r1s2t3v4w5x/index.html',
    '../sample/001-cal_01kb4e5m7n8p9q0r1s2t3v4w5x/6203.tlog-proof',
  ]);
});

test('texts of others are no markup, and no value has an edge or a line that is not seen', () => {
  assert.is(plainMarkup('a*b_[c](d) {{e}} <f>'), 'a\\*b\\_\\[c\\](d) \\{\\{e\\}\\} \\<f\\>');
  assert.is(valueOf('  a\nb\u202e '), 'a[U+000A line feed]b[U+202E right-to-left override][U+0020 space]');
  assert.is(valueOf(''), '(empty)');
});

test.run();
