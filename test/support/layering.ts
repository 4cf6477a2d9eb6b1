import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix, relative, sep } from 'node:path';

/**
 * What a folder of `src/`, or a file in one, may import: other folders, or single files of them. A folder may
 * always import itself.
 */
export type Layers = Readonly<Record<string, readonly string[]>>;

export interface LayeringRules {
  readonly layers: Layers;
  /** Folders that may import npm libraries and Node's modules; others only those listed here by name. */
  readonly libraries: Readonly<Record<string, readonly string[]>>;
  /** Folders that may import an MCP SDK. */
  readonly sdk: readonly string[];
  /** Files that may read the environment. */
  readonly environment: readonly string[];
  readonly maxLines: number;
}

const IMPORTS = [
  /\bfrom\s*['"]([@\w][\w@./:-]*|\.[\w./-]*)['"]/g,
  /\bimport\s*['"]([^'"\s]+)['"]/g,
  /\b(?:import|require)\s*\(\s*['"`]([^'"`\s]+)['"`]/g,
];
const COMPUTED = /\b(?:import|require)\s*\(\s*(?:[A-Za-z_(]|\$(?!\{)|`[^`]*\$\{)/;
const ENVIRONMENT = /\bprocess\s*(?:\.\s*env\b|\[)|\benv\b[^;'"]*from\s*['"](?:node:)?process['"]/;
const SDK = /^@modelcontextprotocol\//;

/**
 * Reads every import of the TypeScript files under `src` and gives a sentence for each breach of the rules.
 *
 * @throws Error when there are no files, so that a check of the wrong folder is not taken for a clean one
 */
export function breachesOf(src: string, rules: LayeringRules): string[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.split(sep).join('/'))
    .sort();
  if (files.length === 0) throw new Error(`There is no TypeScript file under ${relative('.', src)}.`);
  return files.flatMap((file) =>
    faults(file, readFileSync(join(src, file), 'utf8'), rules).map((what) => `${file} ${what}`),
  );
}

function faults(file: string, text: string, rules: LayeringRules): string[] {
  const code = withoutComments(text);
  const layer = layerOf(file);
  const found = importsOf(code).flatMap((specifier) => fault(file, specifier, rules));
  if (!(layer in rules.layers)) found.push(`stands in ${layer}, which is no part of the house`);
  if (COMPUTED.test(code)) found.push('imports a computed name');
  if (ENVIRONMENT.test(code) && !rules.environment.includes(file)) found.push('reads the environment');
  if (/^(?:export )?(?:let|var) /m.test(code)) found.push('holds state in a module-level variable');
  const lines = text.trimEnd().split('\n').length;
  if (lines > rules.maxLines) found.push(`has ${lines} lines`);
  return found;
}

function fault(file: string, specifier: string, rules: LayeringRules): string[] {
  const layer = layerOf(file);
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(file), specifier));
    const allowed = [layer, ...(rules.layers[layer] ?? []), ...(rules.layers[file] ?? [])];
    const other = layerOf(target);
    return allowed.includes('*') || allowed.includes(other) || allowed.includes(target)
      ? []
      : [`imports ${target}`];
  }
  if (SDK.test(specifier) && !rules.sdk.includes(layer)) return [`imports the MCP SDK (${specifier})`];
  const bare = builtinModules.includes(specifier) ? `node:${specifier}` : specifier;
  const libraries = rules.libraries[layer];
  return libraries === undefined || libraries.includes(bare) ? [] : [`imports ${specifier}`];
}

/** The folder under `src`; a file that stands in `src` itself is a layer of its own. */
function layerOf(file: string): string {
  return file.split('/', 1).join('');
}

function importsOf(code: string): string[] {
  return IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/** Without comments that fill a line, or that end one. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(?:\*|\/\/|\/\*)/.test(line))
    .map((line) => line.replace(/\s\/\/ .*$/, ''))
    .join('\n');
}
