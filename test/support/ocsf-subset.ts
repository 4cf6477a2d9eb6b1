import { z } from 'zod';

/**
 * The part of OCSF 1.5.0 that Placet's events use, written by hand from the schema's files (events, objects, profiles
 * and dictionary of ocsf-schema, tag 1.5.0), which are not kept here: which attributes there are, of which type, which
 * are required, which numbers and captions belong together, and what a class and its type have to do with each other.
 * An attribute that is not listed here is refused, though the whole schema may know it.
 */

const text = z.string();
const integer = z.int();
/** Milliseconds since the epoch. */
const timestamp = z.int().min(1_000_000_000_000);

/** An enum of the schema and the attribute beside it that has its caption; for 99 the source's own word. */
function captioned(id: string, caption: string, captions: Readonly<Record<number, string>>) {
  return (event: Readonly<Record<string, unknown>>): string | undefined => {
    const [number, word] = [event[id], event[caption]];
    if (typeof number !== 'number' || !(number in captions))
      return `${id} ${String(number)} is not in the enum`;
    if (number === 99 ? typeof word !== 'string' || word === '' : word !== captions[number])
      return `${caption} is ${String(word)} for ${number}`;
    return undefined;
  };
}

const SEVERITY = captioned('severity_id', 'severity', {
  0: 'Unknown',
  1: 'Informational',
  2: 'Low',
  3: 'Medium',
  4: 'High',
  5: 'Critical',
  6: 'Fatal',
  99: '',
});
const STATUS = captioned('status_id', 'status', { 0: 'Unknown', 1: 'Success', 2: 'Failure', 99: '' });
const ACTION = captioned('action_id', 'action', { 0: 'Unknown', 1: 'Allowed', 2: 'Denied' });
const DISPOSITION = captioned('disposition_id', 'disposition', {
  0: 'Unknown',
  1: 'Allowed',
  2: 'Blocked',
  6: 'Dropped',
  8: 'Approved',
  14: 'Delayed',
  17: 'Logged',
  19: 'Alert',
  24: 'Access Revoked',
  25: 'Rejected',
  26: 'Unauthorized',
  27: 'Error',
  99: '',
});
const API_ACTIVITY = captioned('activity_id', 'activity_name', {
  0: 'Unknown',
  1: 'Create',
  2: 'Read',
  3: 'Update',
  4: 'Delete',
  99: '',
});
const ENTITY_ACTIVITY = captioned('activity_id', 'activity_name', {
  0: 'Unknown',
  1: 'Create',
  2: 'Read',
  3: 'Update',
  4: 'Delete',
  5: 'Move',
  6: 'Enroll',
  7: 'Unenroll',
  8: 'Enable',
  9: 'Disable',
  10: 'Activate',
  11: 'Deactivate',
  12: 'Suspend',
  13: 'Resume',
  99: '',
});

const user = z
  .strictObject({ uid: text.exactOptional(), name: text.exactOptional() })
  .refine(({ uid, name }) => uid ?? name);
const policy = z
  .strictObject({
    uid: text.exactOptional(),
    name: text.exactOptional(),
    version: text.exactOptional(),
    is_applied: z.boolean().exactOptional(),
  })
  .refine(({ uid, name }) => uid ?? name);
const actor = z
  .strictObject({ user: user.exactOptional(), app_name: text.exactOptional() })
  .refine((each) => each.user ?? each.app_name);

const base = {
  activity_id: integer,
  activity_name: text,
  category_uid: integer,
  category_name: text,
  class_uid: integer,
  class_name: text,
  type_uid: integer,
  type_name: text,
  time: timestamp,
  timezone_offset: integer,
  severity_id: integer,
  severity: text,
  status_id: integer,
  status: text,
  status_detail: text.exactOptional(),
  message: text,
  unmapped: z.record(text, z.unknown()),
};

const metadata = {
  version: z.literal('1.5.0'),
  product: z.strictObject({ name: text, vendor_name: text, version: text }),
  uid: text.min(1),
  event_code: text,
  sequence: integer,
  original_time: text,
  log_name: text,
  correlation_uid: text.exactOptional(),
};

const apiActivity = z.strictObject({
  ...base,
  category_uid: z.literal(6),
  category_name: z.literal('Application Activity'),
  class_uid: z.literal(6003),
  class_name: z.literal('API Activity'),
  metadata: z.strictObject({ ...metadata, profiles: z.tuple([z.literal('security_control')]) }),
  // Required by the class.
  actor,
  api: z.strictObject({
    operation: text.min(1),
    service: z.strictObject({ name: text }),
    request: z.strictObject({ uid: text.min(1) }).exactOptional(),
  }),
  src_endpoint: z.strictObject({ svc_name: text, instance_uid: text }),
  resources: z.array(z.strictObject({ name: text, type: text, version: text.exactOptional() })).min(1),
  // Of the profile.
  action_id: integer,
  action: text,
  disposition_id: integer,
  disposition: text,
  is_alert: z.boolean(),
  policy: policy.exactOptional(),
  authorizations: z.array(z.strictObject({ decision: text, policy })).exactOptional(),
});

const entityManagement = z.strictObject({
  ...base,
  category_uid: z.literal(3),
  category_name: z.literal('Identity & Access Management'),
  class_uid: z.literal(3004),
  class_name: z.literal('Entity Management'),
  metadata: z.strictObject(metadata),
  actor,
  comment: text.exactOptional(),
  entity: z
    .strictObject({
      uid: text.exactOptional(),
      name: text.exactOptional(),
      version: text.exactOptional(),
      type: text,
      type_id: z.literal([5, 99]),
      policy: policy.exactOptional(),
      data: z.record(text, z.unknown()).exactOptional(),
    })
    .refine((entity) => entity.uid ?? entity.name ?? entity.policy)
    .refine(
      ({ type_id, type, policy: held }) => (type_id === 5) === (type === 'Policy' && held !== undefined),
    ),
});

/** Everything that is wrong with an event; nothing where it is one of OCSF. */
export function ocsfFaults(value: unknown): readonly string[] {
  const api = apiActivity.safeParse(value);
  const entity = entityManagement.safeParse(value);
  const isApi = (value as { class_uid?: unknown }).class_uid === 6003;
  const parsed = isApi ? api : entity;
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const event = parsed.data;
  const checks = isApi
    ? [SEVERITY, STATUS, ACTION, DISPOSITION, API_ACTIVITY]
    : [SEVERITY, STATUS, ENTITY_ACTIVITY];
  return [
    ...checks.flatMap((check) => check(event) ?? []),
    ...(event.type_uid === event.class_uid * 100 + event.activity_id
      ? []
      : [`type_uid is ${event.type_uid}`]),
    ...(event.type_name.startsWith(`${event.class_name}: `) ? [] : [`type_name is ${event.type_name}`]),
  ];
}
