import { Validator } from '@seriousme/openapi-schema-validator';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { z } from 'zod';
import { openApiDocument } from '../../../src/web/api/openapi.ts';
import { withConsole } from '../../support/console-site.ts';

type Tree = { readonly [name: string]: Tree };

const read = (document: object): Tree => JSON.parse(JSON.stringify(document)) as Tree;

test(
  'the description is served to everybody, and is one of OpenAPI 3.1',
  withConsole(async (site) => {
    const answer = await site.ask('/openapi.json', { headers: { accept: 'application/json' } });
    assert.is(answer.status, 200);
    assert.is(answer.headers['content-type'], 'application/json');
    const document = JSON.parse(answer.text) as Tree;
    const validator = new Validator();
    const { valid, errors } = await validator.validate(document);
    assert.is(valid, true, JSON.stringify(errors));
    assert.is(validator.version, '3.1');
    assert.equal(document['servers'], [{ url: site.origin }]);
  }),
);

test('a description with a fault is none', async () => {
  const document = { ...read(openApiDocument({ publicUrl: 'http://localhost:1' })), paths: { requests: 1 } };
  assert.is((await new Validator().validate(document)).valid, false);
});

test('it has every path, and every part that it refers to', () => {
  const document = read(openApiDocument({ publicUrl: 'http://localhost:1/' }));
  assert.equal(Object.keys(document['paths'] ?? {}), [
    '/api/v1/requests',
    '/api/v1/requests/stream',
    '/api/v1/requests/{id}',
    '/api/v1/requests/{id}/decisions',
    '/api/v1/checkpoint',
    '/metrics',
  ]);
  const named = Object.keys(document['components']?.['schemas'] ?? {});
  const text = JSON.stringify(document);
  const referred = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name),
  );
  assert.ok(referred.size > 8);
  for (const name of referred) assert.ok(named.includes(name ?? ''), name);
  assert.not.match(text, '"$schema"');
});

test('what a decision is stands there as the route reads it', () => {
  const document = read(openApiDocument({ publicUrl: 'http://localhost:1' }));
  const decision = document['components']?.['schemas']?.['Decision'];
  assert.equal(decision?.['required'], ['decision', 'card_digest']);
  assert.is(decision?.['additionalProperties'], false);
  const parameters = document['paths']?.['/api/v1/requests']?.['get']?.['parameters'];
  assert.equal(
    (parameters as unknown as { name: string; in: string }[]).map(({ name, in: place }) => [name, place]),
    [
      ['state', 'query'],
      ['limit', 'query'],
      ['cursor', 'query'],
    ],
  );
});

test('messages that are sent to others are described, where there are any', async () => {
  const part = z.object({ id: z.string() }).meta({ id: 'PartOfATest' });
  const schema = z.object({ type: z.literal('request.created'), data: part, more: z.array(part) });
  const document = openApiDocument({
    publicUrl: 'http://localhost:1',
    webhooks: { request_created: { summary: 'A request was made', schema } },
  });
  const { valid, errors } = await new Validator().validate(read(document));
  assert.is(valid, true, JSON.stringify(errors));
  const post = read(document)['webhooks']?.['request_created']?.['post'];
  assert.is(post?.['summary'], 'A request was made');
  assert.match(JSON.stringify(post?.['requestBody']), '"const":"request.created"');
  assert.match(JSON.stringify(post), '{"$ref":"#/components/schemas/PartOfATest"}');
  assert.not.match(JSON.stringify(document), '$defs');
  const named = read(document)['components']?.['schemas']?.['PartOfATest'];
  assert.equal(named?.['required'], ['id']);
});

test.run();
