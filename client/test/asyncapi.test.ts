// docs/asyncapi.yaml: valid by AsyncAPI's own schema, and the same messages and codes as schemas/.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const FILE = '../docs/asyncapi.yaml';
const SCHEMAS = '../schemas/src/main/resources/io/switchboard/schemas';
const JAVA = '../schemas/src/main/java/io/switchboard/schemas';
const GOLDEN = '../schemas/src/test/resources/golden';

const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.1.0.json') as object;

type Node = { readonly [name: string]: Node } & { readonly $ref?: string };

const document = parse(readFileSync(FILE, 'utf8')) as Node;
const frames = JSON.parse(readFileSync(join(SCHEMAS, 'frames.schema.json'), 'utf8')) as Node;
const golden = readdirSync(GOLDEN).map((file) => readFileSync(join(GOLDEN, file), 'utf8').trim());

/** What a `$ref` stands for, in this file or another. */
function resolve(ref: string): Node {
  const [file, pointer = ''] = ref.split('#') as [string, string?];
  const root = file === '' ? document : (JSON.parse(readFileSync(join(dirname(FILE), file), 'utf8')) as Node);
  const found = pointer
    .split('/')
    .slice(1)
    .reduce<Node | undefined>((node, name) => node?.[name.replace(/~1/g, '/').replace(/~0/g, '~')], root);
  assert.ok(found, `${ref} leads nowhere`);
  return found;
}

function refs(node: unknown): string[] {
  if (node === null || typeof node !== 'object') {
    return [];
  }
  return Object.entries(node).flatMap(([name, value]) => (name === '$ref' && typeof value === 'string' ? [value] : refs(value)));
}

const table = (file: string): Record<string, string> =>
  Object.fromEntries([...readFileSync(join(JAVA, `${file}.java`), 'utf8').matchAll(/^ {4}[A-Z_]+\((\d+), "([^"]+)"\)/gm)].map(([, code, text]) => [code!, text!]));

test('it is valid by the official schema of its version', () => {
  assert.equal(document.asyncapi, '3.1.0');
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false, allErrors: true });
  const valid = ajv.validate(specification, document);
  assert.ok(valid, ajv.errorsText(ajv.errors));
  const broken = structuredClone(document) as { channels: Record<string, unknown> };
  broken.channels.browser = { addres: '/ws' };
  assert.ok(!ajv.validate(specification, broken), 'a misspelt field is found');
});

test('every reference leads somewhere', () => {
  const all = refs(document);
  assert.ok(all.length > 30);
  all.forEach(resolve);
});

for (const [side, operation] of [['client', 'hearBrowser'], ['server', 'tellBrowser']] as const) {
  test(`the messages of ${operation} are the ${side}'s frames, each with a golden example that its schema takes`, () => {
    const alternatives = frames.$defs![side]!.oneOf as unknown as { title: string }[];
    const messages = (document.operations![operation]!.messages as unknown as Node[]).map(({ $ref }) => resolve(resolve($ref!).$ref!));
    assert.deepEqual(
      messages.map(({ name }) => name as unknown as string),
      alternatives.map(({ title }) => title),
    );
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema(frames);
    messages.forEach(({ payload, examples, name }, i) => {
      const { $ref } = payload!.schema!;
      assert.deepEqual(resolve($ref!), alternatives[i] as unknown as Node, String(name));
      const example = (examples as unknown as { payload: unknown }[])[0]!.payload;
      assert.ok(golden.includes(JSON.stringify(example)), `${JSON.stringify(example)} is a golden file`);
      assert.ok(ajv.validate(`${String(frames.$id)}#/$defs/${side}/oneOf/${i}`, example), ajv.errorsText(ajv.errors));
    });
  });
}

test('close codes, error codes and receipts are those of the enums', () => {
  const { browser } = document.channels!;
  assert.deepEqual(browser!['x-close-codes'], table('CloseCode'));
  assert.deepEqual(browser!['x-error-codes'], table('ErrorCode'));
  const kinds = [...readFileSync(join(JAVA, 'Receipt.java'), 'utf8').matchAll(/^ {8}([A-Z]+)\((?:true|false)\)[,;]/gm)].map(([, kind]) => kind!.toLowerCase());
  assert.ok(kinds.length >= 6, 'the Java source was understood');
  const receipt = document.components!.messages!.receipt!.payload!.properties!.receipt!;
  assert.deepEqual(receipt.enum, kinds);
});

test('its topics are those that others may read or write', () => {
  const topics = readFileSync(join(JAVA, 'Topics.java'), 'utf8');
  const addresses = Object.values(document.channels as unknown as Record<string, { address: string }>).map(({ address }) => address);
  for (const address of addresses.filter((each) => !each.startsWith('/'))) {
    assert.ok(topics.includes(`"${address}"`), `${address} is a constant of Topics.java`);
  }
});
