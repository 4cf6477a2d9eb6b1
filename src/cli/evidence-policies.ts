import { verificationLevels } from '../core/verification.ts';
import type { PolicyReader } from '../evidence/bundle/versions.ts';
import { loadPolicy, policyVersion } from '../policies/load.ts';

/** Reads the texts of a policy that the host kept, whatever way to decide it was written for. */
export const policyReader: PolicyReader = {
  versionOf: policyVersion,
  async read(dir) {
    const loaded = await loadPolicy({ dir, verifications: verificationLevels });
    return loaded.kind === 'ok' ? loaded.policy : undefined;
  },
};
