import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, messageOf } from '../core/errors.ts';
import { judgeJson, placeOf } from '../core/strict-json.ts';
import type { OAuthConfig } from './oauth/oauth-client.ts';
import { expandVariables } from './variables.ts';

export interface ProcessConfig {
  readonly kind: 'process';
  readonly command: string;
  readonly args: readonly string[];
  /** What is added to the few variables that every downstream gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute; the workspace unless the configuration names another. */
  readonly cwd: string;
  readonly cwdIsConfigured: boolean;
}

export interface HttpConfig {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How the workspace signs in there, when the server asks for it. */
  readonly oauth?: OAuthConfig;
}

/** One downstream, as `mcp.json`, `placet wrap` or the host itself (for `tools/`) configures it. */
export interface ServerConfig {
  readonly name: string;
  readonly transport: ProcessConfig | HttpConfig;
  /** Its tools are offered as `PREFIX__tool`, or under their own names when false. */
  readonly prefix: string | false;
  /** Tags by a glob over the tools' own names. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /**
   * A keyed digest of what runs: it goes into the digest of each definition, so that an approval holds for this
   * very command or address and no other of the same name.
   */
  readonly identity?: string;
  /** What runs, in words for reviewers, where a client and not the workspace says so. */
  readonly runs?: string;
}

/** The server of the guarded tools: the only one that is believed about tags and summaries. */
export const GUARDED_TOOLS = 'tools';
const RESERVED = new Set(['placet', GUARDED_TOOLS]);
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

const placetKey = z.strictObject({
  prefix: z.union([z.string().regex(NAME, 'must be letters, digits, _ or -'), z.literal(false)]).optional(),
  tags: z.record(z.string(), z.array(z.string().min(1))).optional(),
});
const oauthKey = z.strictObject({
  client_id: z.string().min(1).optional(),
  client_secret: z.string().min(1).optional(),
  issuer: z.string().min(1).optional(),
  scope: z.string().min(1).optional(),
  grant: z.enum(['authorization_code', 'client_credentials']).optional(),
});
const texts = z.record(z.string(), z.string());
const processEntry = z.looseObject({
  type: z.literal('stdio').optional(),
  command: z.string().min(1),
  args: z.array(z.string()).optional(),
  env: texts.optional(),
  cwd: z.string().optional(),
  placet: placetKey.optional(),
});
const httpEntry = z.looseObject({
  type: z.enum(['http', 'streamable-http']).optional(),
  url: z.string().min(1),
  headers: texts.optional(),
  placet: placetKey.extend({ oauth: oauthKey.optional() }).optional(),
});
const fileShape = z.looseObject({ mcpServers: z.record(z.string(), z.looseObject({})) });

export interface ReadServersOptions {
  /** The path of `mcp.json`. A missing file names no servers. */
  readonly file: string;
  /** Absolute; relative paths in the file start here. */
  readonly workspace: string;
  /** Where `${VAR}` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The downstreams that `mcp.json` names.
 *
 * @throws ConfigError `mcp_json_invalid`, saying where in the file and what
 */
export function readServers(options: ReadServersOptions): readonly ServerConfig[] {
  const text = readText(options.file);
  return text === undefined ? [] : parseServers(text, options);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError('mcp_json_invalid', `${file} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** @throws ConfigError `mcp_json_invalid` */
export function parseServers(text: string, options: ReadServersOptions): readonly ServerConfig[] {
  const { file } = options;
  const judged = judgeJson(text, { maxDepth: 32 });
  if (!judged.ok) {
    const { line, column } = placeOf(text, judged.at);
    throw new ConfigError(
      'mcp_json_invalid',
      `${file}:${line}:${column}: ${judged.message.replace('The message', 'The file')}`,
    );
  }
  const shape = fileShape.safeParse(judged.value);
  if (!shape.success) throw invalid(file, '', shape.error);
  return Object.entries(shape.data.mcpServers).map(([name, entry]) => server(name, entry, options));
}

function server(name: string, entry: object, options: ReadServersOptions): ServerConfig {
  const at = `mcpServers.${name}`;
  const mistake = (what: string): ConfigError =>
    new ConfigError('mcp_json_invalid', `${options.file}: ${at}: ${what}`);
  mustBeServerName(name, mistake);
  if (!('command' in entry) && !('url' in entry)) throw mistake('It needs either a command or a url.');
  const parsed = 'command' in entry ? processEntry.safeParse(entry) : httpEntry.safeParse(entry);
  if (!parsed.success) throw invalid(options.file, at, parsed.error);
  const { data } = parsed;
  const expand = (value: string): string => expandVariables(value, options.env, mistake);
  return {
    name,
    prefix: data.placet?.prefix ?? name,
    tags: data.placet?.tags ?? {},
    transport:
      'command' in data
        ? processConfig(data as z.infer<typeof processEntry>, expand, options.workspace)
        : httpConfig(data, expand, mistake),
  };
}

function mustBeServerName(name: string, mistake: (what: string) => ConfigError): void {
  if (!NAME.test(name)) throw mistake('A server is named by 1 to 64 letters, digits, _ or -.');
  if (RESERVED.has(name)) throw mistake(`The name ${name} is Placet's own; choose another.`);
}

type Expand = (value: string) => string;

function processConfig(
  entry: z.infer<typeof processEntry>,
  expand: Expand,
  workspace: string,
): ProcessConfig {
  const command = expand(entry.command);
  return {
    kind: 'process',
    // A command with a folder in it is a path, and starts from the workspace like every other.
    command: /[\\/]/.test(command) && !isAbsolute(command) ? resolve(workspace, command) : command,
    args: (entry.args ?? []).map(expand),
    env: mapValues(entry.env ?? {}, expand),
    cwd: entry.cwd === undefined ? workspace : resolve(workspace, expand(entry.cwd)),
    cwdIsConfigured: entry.cwd !== undefined,
  };
}

function httpConfig(
  entry: z.infer<typeof httpEntry>,
  expand: Expand,
  mistake: (what: string) => ConfigError,
): HttpConfig {
  const url = expand(entry.url);
  if (!isHttp(url)) {
    throw mistake('Its url is not an http or https address.');
  }
  return {
    kind: 'http',
    url,
    headers: mapValues(entry.headers ?? {}, expand),
    ...(entry.placet?.oauth ? { oauth: oauthConfig(entry.placet.oauth, expand, mistake) } : {}),
  };
}

function oauthConfig(
  { client_id, client_secret, issuer, scope, grant = 'authorization_code' }: z.infer<typeof oauthKey>,
  expand: Expand,
  mistake: (what: string) => ConfigError,
): OAuthConfig {
  const needed = grant === 'client_credentials' ? 'Its grant client_credentials' : 'Its client_secret';
  if ((client_secret !== undefined || grant === 'client_credentials') && client_id === undefined) {
    throw mistake(`placet.oauth: ${needed} needs a client_id.`);
  }
  const trusted = issuer === undefined ? undefined : expand(issuer);
  if (trusted !== undefined && !isHttp(trusted)) {
    throw mistake('placet.oauth: Its issuer is not an http or https address.');
  }
  return {
    grant,
    ...(client_id === undefined ? {} : { clientId: expand(client_id) }),
    ...(client_secret === undefined ? {} : { clientSecret: expand(client_secret) }),
    ...(trusted === undefined ? {} : { issuer: trusted }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function isHttp(address: string): boolean {
  return /^https?:$/.test(URL.canParse(address) ? new URL(address).protocol : '');
}

function mapValues(record: Readonly<Record<string, string>>, change: Expand): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function invalid(file: string, at: string, error: z.ZodError): ConfigError {
  const [issue] = error.issues;
  const path = [at, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.');
  return new ConfigError(
    'mcp_json_invalid',
    `${file}: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'It has the wrong shape'}.`,
  );
}

/**
 * The downstream that a client wraps.
 *
 * @throws ConfigError `wrap_name_invalid` when the name is no server name, or that of one in the workspace,
 * whose rules would then cover it
 */
export function wrappedServer(
  name: string,
  transport: Omit<ProcessConfig, 'kind' | 'cwdIsConfigured'>,
  workspaceServers: readonly Pick<ServerConfig, 'name'>[],
): ServerConfig {
  const mistake = (what: string): ConfigError =>
    new ConfigError('wrap_name_invalid', `--name ${name}: ${what}`);
  mustBeServerName(name, mistake);
  if (workspaceServers.some((each) => each.name === name)) {
    throw mistake('The workspace has a server of that name; choose another.');
  }
  return {
    name,
    prefix: false,
    tags: {},
    runs: `${[transport.command, ...transport.args].join(' ')} (in ${transport.cwd})`,
    // Its cwd is wherever the client happens to start things, and names nothing.
    transport: { kind: 'process', ...transport, cwdIsConfigured: false },
  };
}
