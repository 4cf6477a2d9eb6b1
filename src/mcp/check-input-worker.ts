import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { messageOf } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { brief } from './brief.ts';

/** What the worker is asked; a validator is the same for the same schema. */
export interface CheckRequest {
  readonly schema: unknown;
  readonly args: unknown;
}

export type CheckReply =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'unchecked'; readonly why: string };

const COMPILED_KEPT = 200;
const OPTIONS = { strict: false, logger: false, addUsedSchema: false } as const;

function createChecker(): (request: CheckRequest) => CheckReply {
  const dialects = new Map<string, Ajv>();
  const compiled = new Map<string, ValidateFunction | { readonly why: string }>();

  function dialectOf(schema: unknown): Ajv | undefined {
    const key = dialectNamed(schema);
    const known = dialects.get(key);
    if (known) return known;
    const made = newAjv(key);
    if (!made) return undefined;
    // The plug-in is a CommonJS module whose function is also its default export.
    addFormats.default(made);
    dialects.set(key, made);
    return made;
  }

  function validatorOf(schema: unknown): ValidateFunction | { readonly why: string } {
    const key = createHash('sha256').update(JSON.stringify(schema)).digest('base64');
    const known = compiled.get(key);
    if (known) return known;
    const made = compile(schema);
    compiled.set(key, made);
    const [oldest] = compiled.keys();
    if (compiled.size > COMPILED_KEPT && oldest !== undefined) compiled.delete(oldest);
    return made;
  }

  function compile(schema: unknown): ValidateFunction | { readonly why: string } {
    const ajv = dialectOf(schema);
    if (!ajv) return { why: 'The tool names a dialect of JSON Schema in $schema that is not known here.' };
    if (typeof schema !== 'object' || schema === null) return { why: 'The tool gives no input schema.' };
    try {
      return ajv.compile(schema);
    } catch (error) {
      return { why: `The tool's input schema cannot be used: ${brief(messageOf(error))}` };
    } finally {
      // Validators are kept here, within a limit, and not by ajv without one.
      ajv.removeSchema(schema);
    }
  }

  return ({ schema, args }) => {
    const validate = validatorOf(schema);
    if (typeof validate !== 'function') return { kind: 'unchecked', why: validate.why };
    if (validate(args)) return { kind: 'valid' };
    return { kind: 'invalid', message: sentence(validate.errors ?? []) };
  };
}

function dialectNamed(schema: unknown): string {
  const named = isJsonObject(schema) ? schema.$schema : undefined;
  if (named === undefined) return '2020-12';
  const known = /^https?:\/\/json-schema\.org\/draft[-/]([\d-]+)\/schema#?$/;
  return (typeof named === 'string' && known.exec(named)?.[1]) || 'unknown';
}

function newAjv(dialect: string): Ajv | undefined {
  switch (dialect) {
    case '07':
      return new Ajv(OPTIONS);
    case '2019-09':
      return new Ajv2019(OPTIONS);
    case '2020-12':
      return new Ajv2020(OPTIONS);
    default:
      return undefined;
  }
}

/** The path and the problem. Values are never told; names are, shortened, as the agent wrote them itself. */
function sentence(errors: readonly ErrorObject[]): string {
  const error = errors.at(-1);
  if (!error) return 'The arguments do not fit the schema.';
  const path = error.instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const extra: unknown = error.params.additionalProperty ?? error.params.unevaluatedProperty;
  const named = typeof extra === 'string' ? `: ${brief(extra, 60)}` : '';
  const where = path === '' ? 'The arguments' : `The argument ${brief(path, 120)}`;
  return `${where} ${brief(error.message ?? 'do not fit')}${named}.`;
}

const check = createChecker();
parentPort?.on('message', (request: CheckRequest) => {
  let reply: CheckReply;
  try {
    reply = check(request);
  } catch (error) {
    reply = { kind: 'unchecked', why: `The check failed: ${brief(messageOf(error))}` };
  }
  parentPort?.postMessage(reply);
});
parentPort?.postMessage('ready');
