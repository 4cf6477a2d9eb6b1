import { mkdirSync } from 'node:fs';
import { ConfigError, messageOf } from '../core/errors.ts';

/** @throws ConfigError `data_unusable` */
export function makeDataFolder(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigError(
      'data_unusable',
      `The data folder ${data} cannot be made: ${messageOf(error)}. Make it yours, or name another with PLACET_DATA.`,
      { cause: error },
    );
  }
}
