import type { Entry, PolicyRef } from '../core/entry.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { callOf, readEntry } from './read-entry.ts';
import type { Activity, CallContext, CallKind, EntityKind, EventContext, Reading } from './reading.ts';
import { sentenceOf } from './sentence.ts';
import { unmappedOf } from './unmapped.ts';

/** The version of the schema that events are written to. */
export const OCSF_VERSION = '1.5.0';

const SEVERITY = {
  informational: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
} as const;

const STATUS = {
  success: [1, 'Success'],
  failure: [2, 'Failure'],
  pending: [99, 'Pending'],
  unknown: [0, 'Unknown'],
} as const;

const ACTION = { unknown: [0, 'Unknown'], allowed: [1, 'Allowed'], denied: [2, 'Denied'] } as const;

const DISPOSITION = {
  allowed: [1, 'Allowed'],
  blocked: [2, 'Blocked'],
  dropped: [6, 'Dropped'],
  approved: [8, 'Approved'],
  delayed: [14, 'Delayed'],
  logged: [17, 'Logged'],
  access_revoked: [24, 'Access Revoked'],
  rejected: [25, 'Rejected'],
  unauthorized: [26, 'Unauthorized'],
  error: [27, 'Error'],
} as const;

const ACTIVITY: Readonly<Record<Activity, readonly [number, string]>> = {
  create: [1, 'Create'],
  read: [2, 'Read'],
  update: [3, 'Update'],
  delete: [4, 'Delete'],
  enroll: [6, 'Enroll'],
  unenroll: [7, 'Unenroll'],
  enable: [8, 'Enable'],
  activate: [10, 'Activate'],
  other: [99, 'Other'],
};

/**
 * An entry as an event of OCSF: what happened to a call is API Activity (6003) with the profile `security_control`,
 * everything else Entity Management (3004). `metadata.uid` is the entry's id, by which a receiver knows it again.
 */
export function ocsfEvent(entry: Entry, context: EventContext): JsonObject {
  const reading = readEntry(entry);
  const call = callOf(entry, context);
  return {
    ...(reading.about === 'call' ? apiActivity(entry, reading, call) : entityManagement(reading)),
    ...common(entry, reading, call, context),
  };
}

function common(
  entry: Entry,
  reading: Reading,
  call: Partial<CallContext>,
  { software, origin }: EventContext,
): JsonObject {
  const [severity_id, severity] = SEVERITY[reading.severity];
  const [status_id, status] = STATUS[reading.outcome];
  const correlation = call.request_id ?? call.call_id;
  return {
    time: Date.parse(entry.time),
    timezone_offset: 0,
    severity_id,
    severity,
    status_id,
    status,
    ...(reading.detail === undefined ? {} : { status_detail: reading.detail }),
    message: sentenceOf(reading, call),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Placet', vendor_name: 'Placet', version: software },
      ...(reading.about === 'call' ? { profiles: ['security_control'] } : {}),
      uid: entry.id,
      event_code: entry.type,
      sequence: entry.seq,
      original_time: entry.time,
      log_name: origin,
      ...(correlation === undefined ? {} : { correlation_uid: correlation }),
    },
    unmapped: unmappedOf(entry, reading.about === 'call' ? call : {}),
  };
}

function apiActivity(entry: Entry, reading: CallKind, call: Partial<CallContext>): JsonObject {
  const { call_id, request_id, agent, owner, server = 'unknown', tool = 'unknown' } = call;
  const [action_id, action] = ACTION[reading.control];
  const [disposition_id, disposition] = DISPOSITION[reading.disposition];
  const ref = request_id ?? call_id;
  const policy = 'policy' in entry ? policyOf(entry.policy) : undefined;
  return {
    // Nobody but the tool knows whether it creates, reads, updates or deletes.
    ...classOf([6, 'Application Activity'], [6003, 'API Activity'], 99, reading.name, 'Other'),
    action_id,
    action,
    disposition_id,
    disposition,
    is_alert: reading.alert ?? false,
    actor: actorOf(reading, agent, owner),
    api: {
      operation: tool,
      service: { name: server },
      ...(ref === undefined ? {} : { request: { uid: ref } }),
    },
    src_endpoint: { svc_name: 'placet', instance_uid: entry.node },
    resources: [
      {
        type: 'Tool',
        name: `${server}/${tool}`,
        ...('definition_sha256' in entry ? { version: entry.definition_sha256 } : {}),
      },
    ],
    ...(policy ? { policy, authorizations: [{ decision: reading.name, policy }] } : {}),
  };
}

/** An agent's doing is its owner's, too: the user is the owner, the application the agent. */
function actorOf({ by }: CallKind, agent = 'unknown', owner = 'unknown'): JsonObject {
  if (typeof by === 'object') return { user: userOf(by.person), app_name: 'Placet' };
  return by === 'agent' ? { user: userOf(owner), app_name: agent } : { app_name: 'Placet' };
}

function entityManagement({ name, activity, by, entity, detail }: EntityKind): JsonObject {
  const [activity_id, caption] = ACTIVITY[activity];
  const { type, uid, version, owner } = entity;
  const named = {
    uid,
    ...(entity.name === undefined ? {} : { name: entity.name }),
    ...(version === undefined ? {} : { version }),
  };
  return {
    ...classOf(
      [3, 'Identity & Access Management'],
      [3004, 'Entity Management'],
      activity_id,
      activity_id === 99 ? name : caption,
      caption,
    ),
    actor: by === 'placet' ? { app_name: 'Placet' } : { user: userOf(by), app_name: 'Placet' },
    ...(detail === undefined ? {} : { comment: detail }),
    entity: {
      ...named,
      ...(type === 'Policy'
        ? { type_id: 5, type, policy: { ...named, is_applied: true } }
        : { type_id: 99, type }),
      ...(owner === undefined ? {} : { data: { owner } }),
    },
  };
}

function classOf(
  [category_uid, category_name]: readonly [number, string],
  [class_uid, class_name]: readonly [number, string],
  activity_id: number,
  activity_name: string,
  caption: string,
): JsonObject {
  return {
    category_uid,
    category_name,
    class_uid,
    class_name,
    activity_id,
    activity_name,
    type_uid: class_uid * 100 + activity_id,
    type_name: `${class_name}: ${caption}`,
  };
}

function userOf(person: string): Json {
  return { uid: person, name: person };
}

function policyOf({ rule, version }: PolicyRef): JsonObject {
  return { name: rule, version, is_applied: true };
}
