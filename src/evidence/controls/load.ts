import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Control, ControlMapping, Framework } from '../../core/controls.ts';
import { ConfigError } from '../../core/errors.ts';
import { didYouMean } from '../../policies/nearest.ts';
import { readYaml, type Problem, type Source } from '../../policies/positions.ts';
import { mappingOf, type Clause, type MappedFramework } from './match.ts';
import {
  frameworkSchema,
  unknownIn,
  workspaceSchema,
  type ControlFile,
  type FrameworkFile,
} from './schema.ts';

/** The workspace's own mapping, in the folder of its policies. */
export const OWN_CONTROLS = 'controls.yaml';

export interface LoadedControls {
  readonly mapping: ControlMapping;
  /** The files that it was read from, by names without a folder; the workspace's own as `workspace.yaml`. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/**
 * Placet's mapping to controls, with what the workspace adds.
 *
 * @param options.policies the folder that may hold the workspace's own `controls.yaml`
 * @param options.frameworks which are wanted; all where none is named
 * @throws ConfigError `controls_invalid` with every mistake on a line of its own, `unknown_framework`
 */
export async function loadControls(options: {
  readonly policies?: string;
  readonly frameworks?: readonly string[];
}): Promise<LoadedControls> {
  const { own, added, frameworks, problems } = await readAll(options.policies);
  if (problems.length > 0) throw invalid(problems);
  const { frameworks: wanted = [] } = options;
  const ids = frameworks.map(({ framework }) => framework);
  const unknown = wanted.find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    throw new ConfigError(
      'unknown_framework',
      `No controls of ${JSON.stringify(unknown)} are known${didYouMean(unknown, ids)}; there are ${ids.join(', ')}.`,
    );
  }
  const chosen = frameworks.filter(({ framework }) => wanted.length === 0 || wanted.includes(framework));
  return {
    mapping: mappingOf(chosen.map(mapped)),
    files: [
      ...own
        .map(({ file, text }) => ({ name: file, text }))
        .filter(({ name }) => chosen.some(({ framework }) => name === `${framework}.yaml`)),
      ...(added ? [{ name: 'workspace.yaml', text: added.text }] : []),
    ],
  };
}

/** What is wrong with the workspace's own mapping; nothing where there is none. */
export async function checkControls(policies: string): Promise<readonly Problem[]> {
  return (await readAll(policies)).problems;
}

async function readAll(policies: string | undefined) {
  const own = await ownFiles();
  const added = policies === undefined ? undefined : await workspaceFile(policies);
  const problems: Problem[] = [];
  const frameworks = own.flatMap(({ file, text }) => readFramework(readYaml(file, text), problems) ?? []);
  if (added) addTo(frameworks, readYaml(added.file, added.text), problems);
  return { own, added, frameworks, problems };
}

interface File {
  readonly file: string;
  readonly text: string;
}

async function ownFiles(): Promise<readonly File[]> {
  const dir = import.meta.dirname;
  const names = (await readdir(dir)).filter((name) => name.endsWith('.yaml')).sort(inOrder);
  return Promise.all(names.map(async (file) => ({ file, text: await readFile(join(dir, file), 'utf8') })));
}

/** Those that are asked for most first. */
const FIRST = ['soc2.yaml', 'iso27001.yaml', 'fedramp.yaml', 'fedramp20x.yaml'];

function inOrder(a: string, b: string): number {
  const place = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return place(a) - place(b) || a.localeCompare(b, 'en');
}

async function workspaceFile(policies: string): Promise<File | undefined> {
  try {
    const text = await readFile(join(policies, OWN_CONTROLS), 'utf8');
    return { file: `${basename(policies)}/${OWN_CONTROLS}`, text };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readFramework(source: Source, problems: Problem[]): FrameworkFile | undefined {
  problems.push(...source.problems);
  const parsed = frameworkSchema.safeParse(source.value);
  if (!parsed.success) {
    problems.push(...mistakes(source, parsed.error));
    return undefined;
  }
  const framework = parsed.data;
  for (const { path, message } of unknownIn(framework)) problems.push(source.problem(path, message));
  if (framework.title === undefined) problems.push(source.problem([], 'The framework has no title.'));
  for (const [c, control] of framework.controls.entries())
    mustBeWhole(source, ['controls', c], control, problems);
  return framework;
}

/** A framework that is known already is added to and never changed. */
function addTo(frameworks: FrameworkFile[], source: Source, problems: Problem[]): void {
  problems.push(...source.problems);
  if (source.value === undefined) return;
  const parsed = workspaceSchema.safeParse(source.value);
  if (!parsed.success) {
    problems.push(...mistakes(source, parsed.error));
    return;
  }
  for (const [f, added] of parsed.data.frameworks.entries()) {
    const at = ['frameworks', f];
    for (const { path, message } of unknownIn(added))
      problems.push(source.problem([...at, ...path], message));
    const place = frameworks.findIndex(({ framework }) => framework === added.framework);
    const standing = frameworks[place];
    if (!standing) {
      if (added.title === undefined)
        problems.push(source.problem(at, `The framework ${added.framework} has no title.`));
      for (const [c, control] of added.controls.entries())
        mustBeWhole(source, [...at, 'controls', c], control, problems);
      frameworks.push(added);
      continue;
    }
    if (added.title !== undefined)
      problems.push(
        source.problem(
          [...at, 'title'],
          `${added.framework} is known already; leave its title out, and add controls.`,
        ),
      );
    const controls = [...standing.controls];
    for (const [c, control] of added.controls.entries()) {
      const path = [...at, 'controls', c];
      const known = controls.findIndex(({ id }) => id === control.id);
      const before = controls[known];
      if (!before) {
        mustBeWhole(source, path, control, problems);
        controls.push(control);
      } else if (control.title ?? control.supports ?? control.limits ?? control.baselines) {
        problems.push(
          source.problem(path, `${control.id} is known already; only evidence can be added to it.`),
        );
      } else {
        controls[known] = { ...before, evidence: [...before.evidence, ...control.evidence] };
      }
    }
    frameworks[place] = { ...standing, version: `${standing.version}+${added.version}`, controls };
  }
}

function mustBeWhole(
  source: Source,
  path: readonly (string | number)[],
  control: ControlFile,
  problems: Problem[],
): void {
  for (const name of ['title', 'supports', 'limits'] as const) {
    if (control[name] === undefined)
      problems.push(source.problem(path, `The control ${control.id} has no ${name}.`));
  }
}

function mapped(file: FrameworkFile): MappedFramework {
  const framework: Framework = {
    id: file.framework,
    title: file.title ?? file.framework,
    version: file.version,
    controls: file.controls.map(
      ({ id, title = '', baselines, supports = '', limits = '' }): Control => ({
        id,
        title,
        ...(baselines === undefined ? {} : { baselines }),
        supports,
        limits,
      }),
    ),
  };
  const clauses = file.controls.map(({ evidence }) =>
    evidence.map(({ entry, where = {}, shows }): Clause => ({ entries: entry, where, shows })),
  );
  return { framework, clauses };
}

function mistakes(source: Source, error: z.ZodError): readonly Problem[] {
  return error.issues.map((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      const [key = ''] = issue.keys;
      return source.problemAtKey(
        [...path, key],
        `${JSON.stringify(key)} is no key of a mapping to controls.`,
      );
    }
    return source.problem(path, issue.message);
  });
}

function invalid(problems: readonly Problem[]): ConfigError {
  const lines = problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  return new ConfigError('controls_invalid', `The mapping to controls does not load.\n${lines.join('\n')}`);
}
