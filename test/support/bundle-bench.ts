import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ControlMapping } from '../../src/core/controls.ts';
import { ProofError } from '../../src/core/errors.ts';
import { makeBundle, type BundleOptions, type MadeBundle } from '../../src/evidence/bundle/make-bundle.ts';
import { readLogKeys } from '../../src/journal/log-key.ts';
import { openPayloadFiles } from '../../src/journal/payload-files.ts';
import type { Payloads } from '../../src/journal/payloads.ts';
import { loadPolicy, policyVersion } from '../../src/policies/load.ts';
import { checkpointBench, type CheckpointBench } from './checkpoint-bench.ts';
import { tempDir } from './temp.ts';

export const NO_MAPPING: ControlMapping = { frameworks: [], controlsOf: () => [] };

/** A data folder with a journal that is signed, and what makes bundles of it. */
export interface BundleBench extends CheckpointBench {
  readonly payloads: Payloads;
  /** Makes a bundle in a folder of its own. @returns its path, too */
  make(more?: Partial<BundleOptions>): Promise<MadeBundle & { readonly out: string }>;
}

export async function bundleBench(): Promise<BundleBench> {
  const bench = checkpointBench();
  await bench.open();
  const payloads = openPayloadFiles({
    dir: join(bench.data, 'payloads'),
    key: Buffer.alloc(32, 9),
    clock: bench.clock,
    random: randomBytes,
  });
  const close = bench.close.bind(bench);
  const more = {
    payloads,
    async close() {
      await payloads.close();
      await close();
    },
    async make(options: Partial<BundleOptions> = {}) {
      const out = join(tempDir(), 'bundle');
      const period = { from: '2026-11-23T00:00:00.000Z', to: '2026-11-24T00:00:00.000Z' };
      const made = await makeBundle({
        out,
        journal: bench.dir,
        policies: join(bench.data, 'policies'),
        reader: READER,
        payloads,
        signer: async () => {
          const { current } = await readLogKeys(bench.keysDir);
          if (!current) throw new Error('There is no key.');
          return current;
        },
        cover: () =>
          Promise.reject(new ProofError('not_covered', 'No host runs that could sign a checkpoint.')),
        period,
        query: { from: '2026-11-23', to: '2026-11-23', frameworks: [], sample: 1 },
        seed: undefined,
        mapping: NO_MAPPING,
        mappingFiles: [],
        now: bench.clock.now(),
        software: '0.6.0',
        parts: [],
        ...options,
      });
      return { ...made, out: options.out ?? out };
    },
  };
  // Not by spreading: what is open now is read from the bench anew.
  return Object.defineProperties(bench, Object.getOwnPropertyDescriptors(more)) as BundleBench;
}

const READER: BundleOptions['reader'] = {
  versionOf: policyVersion,
  async read(dir) {
    const loaded = await loadPolicy({ dir, verifications: ['link', 'sso', 'passkey'] });
    return loaded.kind === 'ok' ? loaded.policy : undefined;
  },
};
