import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scanDefinition } from '../../src/core/definition-scan.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';

const tool = (more: JsonObject): JsonObject => ({ name: 'read', inputSchema: { type: 'object' }, ...more });

test('finds nothing in what authors ordinarily write', () => {
  const texts = [
    'Reads a file.\n\n\tArgs:  path   \r\n  - the file\n',
    'Warning ⚠️: 1️⃣ first, 👩‍💻 then – “quoted” … naïve café',
    'ファイルを読む：パス／名前　を指定',
    '读取文件：路径',
    'Читает файл',
  ];
  for (const description of texts) assert.equal(scanDefinition(tool({ description })), [], description);
});

test('finds hidden characters in the description, each once', () => {
  assert.equal(scanDefinition(tool({ description: 'Reads\u200b a\u200b file\u202e.' })), [
    { path: 'description', signs: ['U+200B zero-width space', 'U+202E right-to-left override'] },
  ]);
});

test('finds text written in tags, which models read and people do not see', () => {
  const [found] = scanDefinition(tool({ description: 'Reads.\u{e0068}\u{e0069}' }));
  assert.equal(found?.signs, ['U+E0068 tag h', 'U+E0069 tag i']);
});

test('finds variation selectors where there is no picture', () => {
  assert.equal(scanDefinition(tool({ description: 'a\ufe0f\u{e0101}' }))[0]?.signs, [
    'U+FE0F variation selector',
    'U+E0101 variation selector',
  ]);
});

test('finds letters that pass for others', () => {
  assert.equal(scanDefinition(tool({ name: 'p\u0430y' })), [
    { path: 'name', signs: ['p\u0430y (Cyrillic and Latin)'] },
  ]);
});

test('looks into every corner: titles, schemas, enums, names of members', () => {
  const hidden = 'x\u200b';
  const found = scanDefinition(
    tool({
      title: hidden,
      annotations: { title: hidden },
      inputSchema: {
        type: 'object',
        properties: {
          path: { type: 'string', description: hidden, enum: ['a', hidden], default: hidden },
          [hidden]: {},
        },
        required: [hidden],
      },
      _meta: { deep: [{ er: hidden }] },
    }),
  );
  assert.equal(
    found.map(({ path }) => path),
    [
      'inputSchema.properties.x[U+200B zero-width space] (its name)',
      'inputSchema.properties.path.description',
      'inputSchema.properties.path.enum.1',
      'inputSchema.properties.path.default',
      'inputSchema.required.0',
      'title',
      'annotations.title',
      '_meta.deep.0.er',
    ],
  );
});

test('says so much and no more of a definition that is full of it', () => {
  const description = Array.from({ length: 500 }, (_, i) => String.fromCodePoint(0xe0100 + (i % 200))).join(
    '',
  );
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`m${i}`, description]));
  const found = scanDefinition(tool(many));
  assert.is(found.length, 20);
  assert.is(found[0]?.signs.length, 8);
});

test('a definition of any depth is scanned', () => {
  let value: Json = 'x\u200b';
  for (let i = 0; i < 20_000; i += 1) value = [value];
  assert.is(scanDefinition(tool({ value })).length, 1);
});

test.run();
