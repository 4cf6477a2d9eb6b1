/**
 * A part of NIST's JSON Schema of OSCAL assessment results 1.1.3, written by hand for checks without a network: what
 * Placet writes, with every member that NIST requires there, NIST's patterns of the data types, and nothing else
 * admitted. It is stricter than NIST's own schema in that, and no substitute for it: NIST publishes that one with the
 * releases of usnistgov/OSCAL, and what Placet writes was held against it when this file was made.
 */

const UUID = {
  type: 'string',
  pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$',
};
const DATE_TIME = {
  type: 'string',
  format: 'date-time',
  pattern:
    '^(((2000|2400|2800|(19|2[0-9](0[48]|[2468][048]|[13579][26])))-02-29)|(((19|2[0-9])[0-9]{2})-02-(0[1-9]|1[0-9]|2[0-8]))|(((19|2[0-9])[0-9]{2})-(0[13578]|10|12)-(0[1-9]|[12][0-9]|3[01]))|(((19|2[0-9])[0-9]{2})-(0[469]|11)-(0[1-9]|[12][0-9]|30)))T(2[0-3]|[01][0-9]):([0-5][0-9]):([0-5][0-9])(\\.[0-9]+)?Z$',
};
const TOKEN = { type: 'string', pattern: '^(\\p{L}|_)(\\p{L}|\\p{N}|[.\\-_])*$' };
const STRING = { type: 'string', pattern: '^\\S(.*\\S)?$' };
const URI = { type: 'string', format: 'uri', pattern: '^[a-zA-Z][a-zA-Z0-9+\\-.]+:.+$' };
const REFERENCE = { type: 'string', format: 'uri-reference', minLength: 1 };
/** A line or lines of OSCAL's markup. */
const MARKUP = { type: 'string', minLength: 1 };

function object(required: Record<string, object>, optional: Record<string, object> = {}): object {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

function list(items: object): object {
  return { type: 'array', minItems: 1, items };
}

const PROP = object({ name: TOKEN, value: STRING, ns: URI });

const OBSERVATION = object(
  {
    uuid: UUID,
    description: MARKUP,
    methods: list({ enum: ['EXAMINE', 'INTERVIEW', 'TEST', 'UNKNOWN'] }),
    collected: DATE_TIME,
  },
  {
    title: MARKUP,
    props: list(PROP),
    'relevant-evidence': list(object({ description: MARKUP }, { href: REFERENCE })),
    remarks: MARKUP,
  },
);

const SELECTION = object(
  { description: MARKUP },
  { props: list(PROP), 'include-controls': list(object({ 'control-id': TOKEN })) },
);

/** It has no `findings`: Placet makes none. */
const RESULT = object(
  {
    uuid: UUID,
    title: MARKUP,
    description: MARKUP,
    start: DATE_TIME,
    'reviewed-controls': object({ 'control-selections': list(SELECTION) }, { description: MARKUP }),
  },
  { end: DATE_TIME, props: list(PROP), observations: list(OBSERVATION), remarks: MARKUP },
);

const RESOURCE = object(
  { uuid: UUID },
  { title: MARKUP, rlinks: list(object({ href: REFERENCE }, { 'media-type': STRING })) },
);

export const OSCAL_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  ...object({
    'assessment-results': object(
      {
        uuid: UUID,
        metadata: object(
          {
            title: MARKUP,
            'last-modified': DATE_TIME,
            version: STRING,
            'oscal-version': { const: '1.1.3' },
          },
          { remarks: MARKUP },
        ),
        'import-ap': object({ href: REFERENCE }, { remarks: MARKUP }),
        results: list(RESULT),
      },
      { 'back-matter': object({}, { resources: list(RESOURCE) }) },
    ),
  }),
};
