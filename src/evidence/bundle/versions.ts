import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../core/digest.ts';
import type { People } from '../../core/person.ts';
import type { Policy } from '../../core/policy.ts';
import type { Bounds } from './bounds.ts';
import type { BundleFiles } from './bundle-files.ts';
import type { PeopleChanged, Loaded, PolicyLoaded, VersionFold } from './version-fold.ts';

/** A policy that was in force. Times are RFC 3339, UTC. */
export interface PolicyVersion {
  /** SHA-256 over its files, in hexadecimal. */
  readonly version: string;
  /** The entry that says so. */
  readonly seq: number;
  readonly from: string;
  /** When the next one took its place; absent where that was after the period, or not yet. */
  readonly to?: string;
  readonly to_seq?: number;
  /** How many rules it had. */
  readonly rules: number;
  /**
   * `checked`: the texts are in the bundle and are what the version stands for; `absent`: they were not kept, or were
   * removed; `changed`: what is kept is something else, and is left out.
   */
  readonly texts: 'checked' | 'absent' | 'changed';
  /** Its files: their names, which are part of the version, and where they stand in the bundle. */
  readonly files: readonly { readonly name: string; readonly path: string }[];
  /** What the texts say; absent where they are, or cannot be read by this release. */
  readonly policy?: Policy;
}

/** A people.yaml that was in force. */
export interface PeopleVersion {
  /** SHA-256 over the canonical JSON of what it says, in hexadecimal. */
  readonly version: string;
  readonly seq: number;
  readonly from: string;
  readonly to?: string;
  readonly to_seq?: number;
  readonly people: number;
  readonly agents: number;
  /** What it says, checked against the version; absent where its text was not kept. */
  readonly directory?: People;
}

/** A policy's texts, as the host kept them. */
export interface KeptText {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** How a policy is read, which this part of the house does not know. */
export interface PolicyReader {
  /** The version that these texts stand for. */
  versionOf(texts: readonly KeptText[]): string;
  /** What the texts in a folder say; nothing where this release cannot read them. */
  read(dir: string): Promise<Policy | undefined>;
}

export interface VersionsOptions {
  readonly bounds: Bounds;
  readonly fold: VersionFold;
  /** The folder with a folder a version, such as `data/policies`. */
  readonly dir: string;
  readonly reader: PolicyReader;
  readonly files: BundleFiles;
}

/** Puts the texts of the policies of the period into the bundle, each checked against the version in the journal. */
export async function policyVersions(options: VersionsOptions): Promise<readonly PolicyVersion[]> {
  const { bounds, fold } = options;
  const versions: PolicyVersion[] = [];
  for (const loaded of fold.policies(bounds)) {
    const { version } = loaded.entry.policy;
    const before = versions.find((each) => each.version === version);
    const { texts, files, policy } = before ?? (await textsOf(version, options));
    versions.push({
      version,
      ...standing(loaded, bounds),
      rules: loaded.entry.rules,
      texts,
      files,
      ...(policy ? { policy } : {}),
    });
  }
  return versions;
}

/** The people of the period, as the policies tell them. */
export function peopleVersions(
  fold: VersionFold,
  bounds: Bounds,
  policies: readonly PolicyVersion[],
): readonly PeopleVersion[] {
  const directories = new Map(
    policies.flatMap(({ policy }) => (policy ? [[digestOf(policy.people), policy.people] as const] : [])),
  );
  return fold.people(bounds).map((loaded) => {
    const { version, people, agents } = loaded.entry;
    const directory = directories.get(version);
    return { version, ...standing(loaded, bounds), people, agents, ...(directory ? { directory } : {}) };
  });
}

async function textsOf(
  version: string,
  { dir, reader, files }: VersionsOptions,
): Promise<Pick<PolicyVersion, 'texts' | 'files' | 'policy'>> {
  const none = { files: [] };
  // In the journal it is a text like any other, and here the name of a folder.
  if (!/^[0-9a-f]{64}$/.test(version)) return { texts: 'absent', ...none };
  const folder = join(dir, version);
  const kept = await readTexts(folder);
  if (kept.length === 0) return { texts: 'absent', ...none };
  if (reader.versionOf(kept) !== version) return { texts: 'changed', ...none };
  const policy = await reader.read(folder);
  const placed: { name: string; path: string }[] = [];
  for (const [i, { name, bytes }] of kept.entries()) {
    // The name is part of the version, and a person chose it: what is no plain one stands under another here.
    const path = `rules/${version}/${/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name) ? name : `file-${i}.yaml`}`;
    await files.write(path, bytes);
    placed.push({ name, path });
  }
  return { texts: 'checked', files: placed, ...(policy ? { policy } : {}) };
}

async function readTexts(folder: string): Promise<readonly KeptText[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return Promise.all(
    [...names].sort().map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })),
  );
}

function standing(
  { entry, ended }: Loaded<PolicyLoaded> | Loaded<PeopleChanged>,
  { to }: Bounds,
): Pick<PolicyVersion, 'seq' | 'from' | 'to' | 'to_seq'> {
  const over = ended && ended.seq < to ? { to: ended.at, to_seq: ended.seq } : {};
  return { seq: entry.seq, from: entry.time, ...over };
}
