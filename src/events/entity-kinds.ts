import type { EntryOf, EntryType } from '../core/entry.ts';
import type { CallEntryType } from './call-kinds.ts';
import type { Activity, Entity, EntityKind, EntityType, Severity } from './reading.ts';

type EntityKinds = {
  readonly [T in Exclude<EntryType, CallEntryType>]: (entry: EntryOf<T>) => EntityKind;
};

/** What happened to people, rules, keys, definitions, payloads and the log itself. */
export const ENTITY_KINDS: EntityKinds = {
  'log.opened': ({ software }) =>
    entity('Log opened', 'create', { ...the('Log', 'journal'), version: software }),
  'log.recovered': ({ kept_as }) =>
    entity('Log recovered', 'update', the('Log', 'journal'), {
      severity: 'high',
      detail: `a torn tail was set aside as ${kept_as}`,
    }),
  'log.key': ({ key, previous, reason, by }) =>
    previous === undefined
      ? entity('Log key made', 'create', the('Log key', key), { by, detail: reason })
      : entity('Log key changed', 'update', the('Log key', key), { by, severity: 'medium', detail: reason }),
  'policy.loaded': ({ policy }) =>
    entity(
      'Policy loaded',
      'update',
      { ...the('Policy', policy.version), version: policy.version },
      { severity: 'low' },
    ),
  'people.changed': ({ version }) =>
    entity('People changed', 'update', { ...the('People', version), version }, { severity: 'low' }),
  'tool.registered': (entry) => entity('Tool registered', 'create', definition(entry)),
  'tool.definition_changed': (entry) =>
    entity('Tool definition changed', 'update', definition(entry), { severity: 'medium' }),
  'tool.definition_accepted': ({ reviewer: by, reason: detail, ...entry }) =>
    entity('Tool definition accepted', 'enable', definition(entry), { by, severity: 'low', detail }),
  'agent.key_issued': ({ key_id, agent: name, by }) =>
    entity('Agent key issued', 'create', { ...the('Agent key', key_id), name }, { by, severity: 'low' }),
  'agent.key_revoked': ({ key_id, agent: name, by, reason: detail }) =>
    entity(
      'Agent key revoked',
      'delete',
      { ...the('Agent key', key_id), name },
      { by, severity: 'low', detail },
    ),
  'passkey.invited': ({ invitation, person: owner, by }) =>
    entity('Passkey invited', 'create', { ...the('Passkey invitation', invitation), owner }, { by }),
  'passkey.invitation_approved': ({ invitation, by }) =>
    entity('Passkey invitation approved', 'enable', the('Passkey invitation', invitation), { by }),
  'passkey.invitation_linked': ({ invitation }) =>
    entity('Passkey invitation linked', 'update', the('Passkey invitation', invitation)),
  'passkey.invitation_sent': ({ invitation }) =>
    entity('Passkey invitation sent', 'update', the('Passkey invitation', invitation)),
  'passkey.invitation_withdrawn': ({ invitation, by, reason: detail }) =>
    entity('Passkey invitation withdrawn', 'delete', the('Passkey invitation', invitation), { by, detail }),
  'passkey.enrolled': ({ credential_id, name, person: by }) =>
    entity(
      'Passkey enrolled',
      'enroll',
      { ...the('Passkey', credential_id), name, owner: by },
      { by, severity: 'low' },
    ),
  'passkey.revoked': ({ credential_id, person: owner, by, reason: detail }) =>
    entity(
      'Passkey revoked',
      'unenroll',
      { ...the('Passkey', credential_id), owner },
      { by, severity: 'low', detail },
    ),
  'session.opened': ({ session_sha256, person: by }) =>
    entity('Session opened', 'create', { ...the('Session', session_sha256), owner: by }, { by }),
  'session.closed': ({ session_sha256, person: owner, by }) =>
    entity('Session closed', 'delete', { ...the('Session', session_sha256), owner }, { by }),
  'account.linked': ({ channel, user, person: by }) =>
    entity(
      'Account linked',
      'enroll',
      { ...the('Linked account', user), name: channel, owner: by },
      { by, severity: 'low' },
    ),
  'account.unlinked': ({ channel, user, person: owner, by, reason: detail }) =>
    entity(
      'Account unlinked',
      'unenroll',
      { ...the('Linked account', user), name: channel, owner },
      { by, severity: 'low', detail },
    ),
  'reviewer.key_issued': ({ key_id, name, person: by }) =>
    entity(
      'Reviewer key issued',
      'create',
      { ...the('Reviewer key', key_id), name, owner: by },
      { by, severity: 'low' },
    ),
  'reviewer.key_revoked': ({ key_id, person: owner, by, reason: detail }) =>
    entity(
      'Reviewer key revoked',
      'delete',
      { ...the('Reviewer key', key_id), owner },
      { by, severity: 'low', detail },
    ),
  'payload.erasure_ordered': ({ call_id, by, reason: detail }) =>
    entity('Payload erasure ordered', 'other', the('Payload', call_id), { by, severity: 'low', detail }),
  'payload.erased': ({ call_id }) =>
    entity('Payload erased', 'delete', the('Payload', call_id), { severity: 'low' }),
  'evidence.reviewed': ({ exceptions_sha256, reviewer: by, reason: detail }) =>
    entity('Evidence reviewed', 'read', the('Evidence', exceptions_sha256), { by, detail }),
  'hold.placed': ({ hold_id, by, reason: detail }) =>
    entity('Hold placed', 'create', the('Hold', hold_id), { by, severity: 'low', detail }),
  'hold.released': ({ hold_id, by, reason: detail }) =>
    entity('Hold released', 'delete', the('Hold', hold_id), { by, severity: 'low', detail }),
};

interface More {
  readonly by?: string;
  readonly severity?: Severity;
  readonly detail?: string | undefined;
}

function entity(name: string, activity: Activity, what: Entity, more: More = {}): EntityKind {
  const { by = 'placet', severity = 'informational', detail } = more;
  return {
    about: 'entity',
    name,
    by,
    severity,
    outcome: 'success',
    activity,
    entity: what,
    ...(detail ? { detail } : {}),
  };
}

function the(type: EntityType, uid: string): Entity {
  return { type, uid };
}

function definition(entry: {
  readonly server: string;
  readonly tool: string;
  readonly definition_sha256: string;
}): Entity {
  const { server, tool, definition_sha256 } = entry;
  return {
    type: 'Tool definition',
    uid: definition_sha256,
    name: `${server}/${tool}`,
    version: definition_sha256,
  };
}
