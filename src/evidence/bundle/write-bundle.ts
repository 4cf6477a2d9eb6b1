import type { BundleOptions } from './make-bundle.ts';
import { EMPTY_ROOT } from '../../tlog/merkle.ts';
import { writeCheckpoints } from './checkpoint-files.ts';
import type { WrittenFiles } from './bundle-files.ts';
import { completenessOf, completenessText } from './completeness.ts';
import { createDraw } from './draw.ts';
import { ENTRIES_JSONL, gather } from './gather.ts';
import { keyLines, keyPem } from './key-files.ts';
import type { Plan } from './plan.ts';
import { entriesIn, jsonLinesIn } from './read-back.ts';
import type { LogExtent, ReportInput } from './report-input.ts';
import { ruleAccess } from './rule-access.ts';
import { sampledCalls } from './sampled-calls.ts';
import { CALLS_JSONL, EXCEPTIONS_JSONL, writeAccess } from './tables.ts';
import { verifierFiles } from './verifier-files.ts';
import { verifyPage } from './verify-page.ts';
import { peopleVersions, policyVersions } from './versions.ts';

/**
 * Writes every file but the manifest.
 *
 * @param signedBy the verifier key that will sign it
 */
export async function writeBundle(
  options: BundleOptions,
  { plan, files, signedBy }: { readonly plan: Plan; readonly files: WrittenFiles; readonly signedBy: string },
): Promise<ReportInput> {
  const { period, query, software, payloads, mapping } = options;
  const log = logOf(plan);
  const seed = options.seed ?? Buffer.from(plan.end.root, 'base64').toString('hex');
  const draw = createDraw(seed, query.sample);
  const { counting, fold, frontier, lastAt } = await gather(plan, {
    period,
    files,
    draw,
    onProgress: options.onProgress,
  });
  await writeCheckpoints(plan, frontier, files);
  const { bounds, extent, end } = plan;
  const policies = await policyVersions({
    bounds,
    fold: fold.versions,
    dir: options.policies,
    reader: options.reader,
    files,
  });
  const people = peopleVersions(fold.versions, bounds, policies);
  const access = [...ruleAccess(policies), ...fold.access.within(period)];
  const tally = counting.tally();
  const completeness = completenessOf({ period, log, tally, open: counting.open, policies, lastAt });
  const input: ReportInput = {
    period,
    query,
    made_at: new Date(options.now).toISOString(),
    software,
    log,
    tally,
    population: () => jsonLinesIn(files.pathOf(CALLS_JSONL)),
    exceptions: () => jsonLinesIn(files.pathOf(EXCEPTIONS_JSONL)),
    entries: () => entriesIn(files.pathOf(ENTRIES_JSONL), log),
    sample: {
      seed,
      by_default: options.seed === undefined,
      calls: await sampledCalls(draw.drawn(), { extent, checkpoint: end.note, payloads, files }),
    },
    mapping,
    access,
    policies,
    people,
    completeness,
  };
  await writeAccess(files, access);
  await files.write('people/people.json', json(people));
  await files.write('completeness.json', json(completeness));
  await files.write('completeness.md', completenessText(completeness));
  for (const { name, text } of options.mappingFiles) await files.write(`controls/${name}`, text);
  await files.write('log-keys.txt', keyLines(log.keys));
  await files.write('log-key.pem', keyPem(signedBy));
  for (const part of options.parts) await part(input, files);
  const sources = await verifierFiles();
  for (const { name, bytes } of sources) await files.write(`verifier/${name}`, bytes);
  await files.write('VERIFY.md', verifyPage(input, { signedBy, sources }));
  return input;
}

function logOf({ keys, start, end, bounds }: Plan): LogExtent {
  const edge = ({ size, root }: Plan['end']) => ({ size, root });
  return {
    origin: keys.all[0]?.verifier.name ?? '',
    keys: keys.all.map(({ verifier, from, since }) => ({ key: verifier.vkey, from, since })),
    start: start ? edge(start) : { size: 0, root: EMPTY_ROOT.toString('base64') },
    end: edge(end),
    from_seq: bounds.from,
    to_seq: bounds.to,
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
