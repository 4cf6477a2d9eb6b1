import type { Entry } from '../../core/entry.ts';
import type { AccessPeriod } from './access.ts';

type Proving = { -readonly [K in keyof AccessPeriod]: AccessPeriod[K] };

/** What people could prove themselves with, from when to when: passkeys, accounts elsewhere, keys for the API. */
export class AccessFold {
  readonly #all: Proving[] = [];
  /** Those that nothing has ended, by what they are. */
  readonly #standing = new Map<string, Proving>();

  take(entry: Entry): void {
    switch (entry.type) {
      case 'passkey.enrolled':
        this.#begin(entry, 'passkey', entry.credential_id);
        return;
      case 'passkey.revoked':
        this.#end(entry, 'passkey', entry.credential_id);
        return;
      case 'account.linked':
        this.#begin(entry, 'account', `${entry.channel}:${entry.team}/${entry.user}`);
        return;
      case 'account.unlinked':
        this.#end(entry, 'account', `${entry.channel}:${entry.team}/${entry.user}`);
        return;
      case 'reviewer.key_issued': {
        if (entry.scope !== 'decide') return;
        const key = this.#begin(entry, 'api_key', entry.key_id);
        key.to = entry.expires_at;
        return;
      }
      case 'reviewer.key_revoked':
        this.#end(entry, 'api_key', entry.key_id);
        return;
      default:
        return;
    }
  }

  /** Those that stood at any time of the period. */
  within({ from, to }: { readonly from: string; readonly to: string }): readonly AccessPeriod[] {
    return this.#all.filter((each) => each.from < to && (each.to === undefined || each.to > from));
  }

  #begin(entry: Entry & { readonly person: string }, kind: Kind, what: string): Proving {
    const begun: Proving = {
      person: entry.person,
      kind,
      what,
      verification: [WAYS[kind]],
      from: entry.time,
      from_seq: entry.seq,
    };
    this.#end(entry, kind, what);
    this.#all.push(begun);
    this.#standing.set(nameOf(entry.person, kind, what), begun);
    return begun;
  }

  #end(entry: Entry & { readonly person: string }, kind: Kind, what: string): void {
    const name = nameOf(entry.person, kind, what);
    const standing = this.#standing.get(name);
    if (!standing) return;
    this.#standing.delete(name);
    // A key that had expired before it was revoked.
    if (standing.to !== undefined && standing.to <= entry.time) return;
    standing.to = entry.time;
    standing.to_seq = entry.seq;
  }
}

type Kind = Exclude<AccessPeriod['kind'], 'rule'>;

const WAYS = { passkey: 'passkey', account: 'slack', api_key: 'api' } as const satisfies Record<Kind, string>;

function nameOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
