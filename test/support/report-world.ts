import type { Person } from '../../src/core/person.ts';
import type { BundleFiles } from '../../src/evidence/bundle/bundle-files.ts';
import type { ReportInput } from '../../src/evidence/bundle/report-input.ts';
import { allowedCall, heldCall, requestedOf, type Write } from './report-calls.ts';
import { mapping } from './report-controls.ts';
import { november } from './report-november.ts';

/** A month of a workspace, as plain data; the same each time. */
export function reportInput(write: Write = (text) => text, more: Partial<ReportInput> = {}): ReportInput {
  const { rows, exceptions, tally } = november(write);
  return {
    period: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    query: { from: '2026-11-01', to: '2026-11-30', frameworks: ['soc2', 'fedramp'], sample: 2 },
    made_at: '2026-12-01T08:00:00.000Z',
    software: '0.6.0',
    log: {
      origin: write('placet.example/payments'),
      keys: [
        {
          key: 'placet.example/payments+5b3f6d1c+AXm5vQm8Q2xkq1x6mQbVtL4bqX3nU9m2a1sT0Wq7rN8e',
          from: 0,
          since: '2026-09-14T08:12:00.000Z',
        },
      ],
      start: { size: 4120, root: 'p1T9XgJmH6l9r5cQmYw7v2bN8sK3dF4aZ0xE1uI6oLk=' },
      end: { size: 11_932, root: 'Zr8KcV2nT5yX0qW3eR7uI9oP1aS4dF6gH8jK2lM5nBc=' },
      from_seq: 4131,
      to_seq: 11_920,
    },
    tally,
    population: () => each(rows),
    exceptions: () => each(exceptions),
    entries: () => each(rows.flatMap((row) => requestedOf(row))),
    sample: {
      seed: 'ae12f0c4',
      by_default: false,
      calls: [heldCall(1, write), allowedCall(2, write)],
    },
    mapping: mapping(write),
    access: [
      {
        person: 'alice',
        kind: 'rule',
        what: write('payments'),
        verification: ['passkey'],
        from: '2026-10-02T07:00:00.000Z',
        from_seq: 311,
        quorum: 2,
      },
      {
        person: 'carol',
        kind: 'rule',
        what: write('payments'),
        verification: ['passkey'],
        from: '2026-10-02T07:00:00.000Z',
        to: '2026-11-19T14:30:00.000Z',
        from_seq: 311,
        to_seq: 8702,
        quorum: 2,
      },
      {
        person: 'dave',
        kind: 'rule',
        what: write('files'),
        verification: ['sso', 'slack'],
        from: '2026-11-19T14:30:00.000Z',
        from_seq: 8702,
        quorum: 1,
      },
      {
        person: 'alice',
        kind: 'passkey',
        what: 'Zm9vYmFyYmF6cXV4',
        verification: ['passkey'],
        from: '2026-09-15T09:00:00.000Z',
        from_seq: 12,
      },
    ],
    policies: [
      {
        version: 'f'.repeat(64),
        seq: 311,
        from: '2026-10-02T07:00:00.000Z',
        rules: 9,
        texts: 'checked',
        files: [{ name: 'rules.yaml', path: `rules/${'f'.repeat(64)}/rules.yaml` }],
      },
      {
        version: '9'.repeat(64),
        seq: 8702,
        from: '2026-11-19T14:30:00.000Z',
        rules: 10,
        texts: 'checked',
        files: [{ name: 'rules.yaml', path: `rules/${'9'.repeat(64)}/rules.yaml` }],
      },
    ],
    people: [
      { version: 'b'.repeat(64), seq: 310, from: '2026-10-02T07:00:00.000Z', people: 4, agents: 3 },
      {
        version: 'c'.repeat(64),
        seq: 8701,
        from: '2026-11-19T14:30:00.000Z',
        people: 4,
        agents: 3,
        directory: { people: peopleOf(write), groups: {}, agents: [] },
      },
    ],
    completeness: {
      period: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
      lines: { from: 4120, to: 11_932, count: 7812 },
      entries: { from: 4131, to: 11_920, count: 7789 },
      before: 11,
      after: 12,
      calls: rows.length,
      carried: tally.carried,
      open: 3,
      keys: 1,
      limits: [
        'What was never sent through Placet is not in it.',
        'Times are those of the machine that Placet runs on.',
        'There is no way in Placet to run a held call without an approval, and none to halt it: no such period can be listed.',
      ],
    },
    ...more,
  };
}

function peopleOf(write: Write): readonly Person[] {
  const names = { alice: 'Alice Adams', bob: 'Bob Baker', carol: 'Carol Chen', dave: 'Dave Diaz' };
  return Object.entries(names).map(([id, name]) => ({
    id,
    name: write(name),
    emails: [`${id}@example.com`],
  }));
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

export interface KeptFiles extends BundleFiles {
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  readonly notes: ReadonlyMap<string, string>;
}

/** Keeps what a part of a bundle writes. */
export function keptFiles(): KeptFiles {
  const files = new Map<string, string | Uint8Array>();
  const notes = new Map<string, string>();
  return {
    files,
    notes,
    note: (name, sentence) => void notes.set(name, sentence),
    write: (path, content) => {
      if (files.has(path)) throw new TypeError(`${path} was written before.`);
      files.set(path, content);
      return Promise.resolve();
    },
    open: () => Promise.reject(new TypeError('No part of a report writes bit by bit.')),
  };
}
