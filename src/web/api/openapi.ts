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
  const webhooks = Object.entries(options.webhooks ?? {});
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Placet', version: '1', summary: 'Reviews for programs', description: DESCRIPTION },
    servers: [{ url: options.publicUrl.replace(/\/$/, '') }],
    security: [{ reviewerKey: [] }],
    paths: operations(),
    ...(webhooks.length === 0
      ? {}
      : {
          webhooks: Object.fromEntries(
            webhooks.map(([name, { summary, schema }]) => [name, { post: webhook(summary, schema) }]),
          ),
        }),
    components: {
      schemas: Object.fromEntries(Object.entries(made.schemas).map(([id, schema]) => [id, bare(schema)])),
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

function webhook(summary: string, schema: z.ZodType): object {
  return {
    summary,
    security: [],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: bare(z.toJSONSchema(schema)) } },
    },
    responses: { '2XX': { description: 'Taken.' } },
  };
}

/** What a schema says of where it stands is said by the document. */
function bare(schema: object): object {
  const { $schema: _, $id: __, ...rest } = schema as Record<string, unknown>;
  return rest;
}
