import type { ConfigError } from '../core/errors.ts';

/** `${NAME}` and `${NAME:-default}`, as MCP clients write them. */
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Puts in the values of variables; one that is not set and has no default is a mistake. */
export function expandVariables(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  mistake: (what: string) => ConfigError,
): string {
  return text.replace(VARIABLE, (_, name: string, fallback: string | undefined) => {
    const value = env[name] ?? fallback;
    if (value === undefined) throw mistake(`\${${name}} is not set; set it in the environment or in .env.`);
    return value;
  });
}
