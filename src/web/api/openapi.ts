import { z } from 'zod';
import type { ReviewSiteOptions } from '../site-options.ts';
import { cardSchema, termsSchema } from './card-schema.ts';
import { operations } from './operations.ts';
import * as schemas from './schemas.ts';

const COMPONENTS = {
  Card: cardSchema,
  Terms: termsSchema,
  RequestSummary: schemas.summarySchema,
  RequestList: schemas.listSchema,
  Request: schemas.requestSchema,
  Challenge: schemas.challengeSchema,
  Decision: schemas.decisionBodySchema,
  Decided: schemas.decidedSchema,
  Checkpoint: schemas.checkpointSchema,
  RequestEvent: schemas.requestEventSchema,
  ResolvedEvent: schemas.resolvedEventSchema,
  Problem: schemas.problemSchema,
} as const;

const DESCRIPTION = `For a reviewer's own programs: what waits, the same card as everywhere, and decisions.

Every request carries a key that a person made in the console. A decision counts by the key alone where the rule admits \`api\`, and otherwise by a passkey of the person's that signed the challenge of exactly this decision. Texts of agents and servers are hostile: show them as text, with what cannot be seen made visible.`;

/** The description of the API (OpenAPI 3.1), made of the schemas by which it reads and answers. */
export function openApiDocument(options: Pick<ReviewSiteOptions, 'publicUrl' | 'webhooks'>): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  const messages = Object.entries(options.webhooks ?? {}).map(([name, { summary, schema }]) => {
    const { body, parts } = standingAlone(schema);
    return { name, parts, post: message(summary, body) };
  });
  const components: Readonly<Record<string, object>> = {
    ...made.schemas,
    ...Object.fromEntries(messages.flatMap(({ parts }) => Object.entries(parts))),
  };
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Placet', version: '1', summary: 'Reviews for programs', description: DESCRIPTION },
    servers: [{ url: options.publicUrl.replace(/\/$/, '') }],
    security: [{ reviewerKey: [] }],
    paths: operations(),
    ...(messages.length === 0
      ? {}
      : { webhooks: Object.fromEntries(messages.map(({ name, post }) => [name, { post }])) }),
    components: {
      schemas: Object.fromEntries(Object.entries(components).map(([id, schema]) => [id, bare(schema)])),
      securitySchemes: {
        reviewerKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A key that a person made in the console, such as plr_…. Keys of agents open nothing here.',
        },
        monitorToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'PLACET_MONITOR_TOKEN of the workspace.',
        },
      },
    },
  };
}

function message(summary: string, schema: object): object {
  return {
    summary,
    security: [],
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: { '2XX': { description: 'Taken.' } },
  };
}

/** A schema whose named parts stand among those of the document. */
function standingAlone(schema: z.ZodType): { readonly body: object; readonly parts: Record<string, object> } {
  const text = JSON.stringify(z.toJSONSchema(schema)).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $defs: parts = {}, ...body } = JSON.parse(text) as { readonly $defs?: Record<string, object> };
  return { body: bare(body), parts };
}

/** What a schema says of where it stands is said by the document. */
function bare(schema: object): object {
  const { $schema: _, $id: __, ...rest } = schema as Record<string, unknown>;
  return rest;
}
