import type { Entry, EntryType } from '../core/entry.ts';

/** The JSON text of a member's value; nothing when it is not a plain value of its kind. */
type Write = (value: unknown) => string | undefined;

/** Printable ASCII that JSON writes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;
const HASH = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const hash: Write = (value) => (typeof value === 'string' && HASH.test(value) ? `"${value}"` : undefined);
const text: Write = (value) => (typeof value === 'string' && PLAIN.test(value) ? `"${value}"` : undefined);
const id: Write = (value) => (value === '' ? undefined : text(value));
const count: Write = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? String(value) : undefined;
const positive: Write = (value) => (value === 0 ? undefined : count(value));
const time: Write = (value) =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value))
    ? `"${value}"`
    : undefined;
const one: Write = (value) => (value === 1 ? '1' : undefined);
const outcome: Write = (value) => {
  switch (value) {
    case 'succeeded':
    case 'failed':
    case 'unknown':
    case 'delivered':
      return `"${value}"`;
    default:
      return undefined;
  }
};

interface Members {
  readonly needed: Readonly<Record<string, Write>>;
  readonly optional?: Readonly<Record<string, Write>>;
}

/** The text of an object that has these members, sorted, and no others. */
function writer({ needed, optional = {} }: Members): Write {
  const all = { ...needed, ...optional };
  const members = Object.keys(all)
    .sort()
    .map((name, index) => ({
      name,
      lead: `${index === 0 ? '{' : ','}"${name}":`,
      write: all[name] as Write,
      optional: name in optional,
    }));
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const object = value as Readonly<Record<string, unknown>>;
    const parts: string[] = [];
    let found = 0;
    for (const member of members) {
      const of = object[member.name];
      if (of === undefined && member.optional) continue;
      const json = member.write(of);
      if (json === undefined) return undefined;
      parts.push(member.lead, json);
      found += 1;
    }
    for (const name in object) if (Object.hasOwn(object, name)) found -= 1;
    if (found !== 0) return undefined;
    parts.push('}');
    // In one piece: a text that is added to bit by bit stays in bits, for as long as the segment is held in memory.
    return parts.join('');
  };
}

const policy = writer({ needed: { rule: id, version: id } });

function ofType(type: EntryType, { needed, optional }: Members): readonly [EntryType, Write] {
  return [
    type,
    writer({
      needed: {
        ...needed,
        v: one,
        seq: count,
        id,
        time,
        node: text,
        type: (value) => (value === type ? `"${type}"` : undefined),
      },
      optional: { ...optional, more: positive },
    }),
  ];
}

/** The entries of every call. */
const WRITERS: ReadonlyMap<EntryType, Write> = new Map([
  ofType('call.requested', {
    needed: {
      agent: id,
      owner: id,
      server: id,
      tool: id,
      definition_sha256: hash,
      args_commit: hash,
      call_id: id,
      action_digest: hash,
    },
    optional: { args_at: id },
  }),
  ofType('call.allowed', { needed: { call_id: id, policy } }),
  ofType('call.completed', {
    needed: { call_id: id, outcome },
    optional: { request_id: id, detail: text, result_commit: hash, result_at: id },
  }),
]);

/**
 * The canonical line of an entry of the kinds that every call makes, where all of its texts are plain: what
 * `entry-schema.ts` accepts, written as `canonicalJson` writes it, at a tenth of the price. Nothing for any other
 * entry, right or wrong, which is then looked at by these two.
 */
export function plainLine(entry: Entry): string | undefined {
  return WRITERS.get(entry.type)?.(entry);
}
