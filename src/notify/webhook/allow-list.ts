import { ConfigError } from '../../core/errors.ts';
import { addressBytes, isInNetwork, isInternal, parseNetwork, type Network } from './address.ts';

/** What webhooks may reach although it is internal, or spoken to without TLS. */
export interface AllowList {
  readonly hosts: ReadonlySet<string>;
  readonly networks: readonly Network[];
}

/** Where a connection would go. */
export interface Target {
  /** The host of the webhook's address, as a URL has it. */
  readonly host: string;
  /** What it resolved to. */
  readonly address: string;
  /** Whether it is spoken to in TLS. */
  readonly secure: boolean;
}

/** @throws ConfigError `bad_setting` @param words hosts, addresses and networks (CIDR) */
export function parseAllowList(words: readonly string[]): AllowList {
  const hosts = new Set<string>();
  const networks: Network[] = [];
  for (const word of words) {
    const network = parseNetwork(word.replace(/^\[(.*)\]$/, '$1'));
    const host = network ? undefined : hostOf(word);
    if (network) networks.push(network);
    else if (host !== undefined) hosts.add(host);
    else
      throw new ConfigError(
        'bad_setting',
        `PLACET_WEBHOOK_ALLOW: ${JSON.stringify(word)} is neither a host, nor an address, nor a network such as 10.0.0.0/8. Mend it in .env or in the environment.`,
      );
  }
  return { hosts, networks };
}

/** Why a connection must not be made, as the end of a sentence about the webhook; nothing where it may. */
export function objection(target: Target, list: AllowList): string | undefined {
  const named =
    list.hosts.has(hostOf(target.host) ?? '') ||
    list.networks.some((network) => isInNetwork(target.address, network));
  if (named) return undefined;
  const shown = addressBytes(target.address) ? target.address : 'something that is no address';
  if (isInternal(target.address))
    return `leads to ${shown}, which is not on the public Internet: if that is meant, name its host or address in PLACET_WEBHOOK_ALLOW.`;
  if (!target.secure)
    return 'has an address that begins with http://: make it https://, or name its host in PLACET_WEBHOOK_ALLOW.';
  return undefined;
}

/** A host as a URL writes it: lower case, punycode, and without a dot at its end. */
function hostOf(word: string): string | undefined {
  if (!/^[^\s/?#@:\\]+$/u.test(word) || !URL.canParse(`http://${word}`)) return undefined;
  const host = new URL(`http://${word}`).hostname.replace(/\.$/, '');
  return host === '' || addressBytes(host) ? undefined : host;
}
