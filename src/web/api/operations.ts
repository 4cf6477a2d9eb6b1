import { z } from 'zod';
import { listQuerySchema } from './schemas.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const json = (name: string, description: string, headers: object = {}) => ({
  description,
  headers: { ...LIMIT_HEADERS, ...headers },
  content: { 'application/json': { schema: ref(name) } },
});

const LIMIT_HEADERS = {
  RateLimit: {
    description: 'What is left: `r` requests, all of them again after `t` seconds.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: '`q` requests of one key within `w` seconds.',
    schema: { type: 'string' },
  },
};

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});

const REFUSED = {
  '401': problem('`key_needed`, `key_refused`, `agent_key_here`'),
  '403': problem('`cross_origin`'),
  '421': problem('`wrong_host`'),
  '429': {
    ...problem('`too_many_tries`'),
    headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
  },
};

const ID = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Of the request, `apr_…`',
  schema: { type: 'string' },
};

/** What can be asked for, by path. */
export function operations(): object {
  return {
    '/api/v1/requests': {
      get: {
        operationId: 'listRequests',
        summary: 'What waits for you, or all that you may see',
        parameters: queryParameters(),
        responses: {
          '200': json('RequestList', 'A page of the list.'),
          '400': problem('`bad_request`, `bad_cursor`'),
          ...REFUSED,
        },
      },
    },
    '/api/v1/requests/stream': {
      get: {
        operationId: 'streamRequests',
        summary: 'What concerns you, as it happens',
        description:
          'Server-sent events. `request` has the data of RequestEvent and `resolved` that of ResolvedEvent; `reset` says that too much was missed, so that the lists have to be read anew. The id of an event is a place in the journal: send the last one as Last-Event-ID to go on from there. Every 15 seconds there is a comment. The stream ends when its key does; a key may have five streams.',
        parameters: [
          {
            name: 'Last-Event-ID',
            in: 'header',
            description: 'The id of the last event that was seen',
            schema: { type: 'string', pattern: '^(?:0|[1-9][0-9]{0,14})$' },
          },
        ],
        responses: {
          '200': {
            description: 'A stream that goes on.',
            content: {
              'text/event-stream': {
                schema: { type: 'string', description: 'Events with data of RequestEvent or ResolvedEvent' },
              },
            },
          },
          '400': problem('`bad_event_id`'),
          ...REFUSED,
          '429': problem('`too_many_tries`, `too_many_streams`'),
        },
      },
    },
    '/api/v1/requests/{id}': {
      get: {
        operationId: 'getRequest',
        summary: 'A request in full, with what a passkey signs to decide it',
        parameters: [ID],
        responses: {
          '200': json('Request', 'The request.'),
          ...REFUSED,
          '404': problem('`not_found`'),
          '410': problem('`erased`'),
        },
      },
    },
    '/api/v1/requests/{id}/decisions': {
      post: {
        operationId: 'decide',
        summary: 'Approve or reject',
        parameters: [
          ID,
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: true,
            description:
              'The same for a repetition of this decision, which is answered as the first was; another one for any other decision.',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: ref('Decision') } },
        },
        responses: {
          '200': json('Decided', 'It was decided, now or when this was sent before.', {
            'Idempotent-Replayed': {
              description: '`true` where this was sent and decided before.',
              schema: { type: 'string' },
            },
          }),
          '400': problem('`bad_request`, `idempotency_key_needed`'),
          ...REFUSED,
          '403': problem(
            '`key_reads`, `verification_too_weak`, `proof_refused`, `passkey_refused`, `passkey_cloned`, `self_approval`, `auditor`, `not_eligible`, `cross_origin`',
          ),
          '404': problem('`not_found`'),
          '409': problem('`already_decided`, `already_resolved`, `card_changed`'),
          '410': problem('`expired`, `erased`'),
          '413': problem('`too_large`'),
          '415': problem('`not_json`'),
          '422': problem(
            '`confirm_mismatch`, `reason_required`, `not_read`, `proof_missing`, `idempotency_key_reused`',
          ),
          '503': problem('`journal_trouble`'),
        },
      },
    },
    '/api/v1/checkpoint': {
      get: {
        operationId: 'getCheckpoint',
        summary: 'The newest signed checkpoint of the journal',
        responses: {
          '200': json('Checkpoint', 'The checkpoint.'),
          ...REFUSED,
          '404': problem('`no_checkpoint`'),
        },
      },
    },
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        summary: 'Counts for monitors, in the text format of Prometheus',
        security: [{ monitorToken: [] }],
        responses: {
          '200': { description: 'The counts.', content: { 'text/plain': { schema: { type: 'string' } } } },
          '401': problem('`no_monitor`'),
          '403': problem('`metrics_closed`'),
        },
      },
    },
  };
}

/** Of the schema by which they are read. */
function queryParameters(): readonly object[] {
  const { properties = {} } = z.toJSONSchema(listQuerySchema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as { readonly description?: string };
    return { name, in: 'query', required: false, ...(description ? { description } : {}), schema };
  });
}
