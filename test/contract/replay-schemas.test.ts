import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { diagnosePart } from '#functions/dead-letter-triage/diagnose/diagnose.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { SchemaRegistry } from '#functions/dead-letter-triage/registry/schema-registry.ts';
import { readReplay } from '#functions/dead-letter-triage/replay/plan-schema.ts';
import { ReplaySchemas } from '#functions/dead-letter-triage/replay/transform-schemas.ts';
import { wireFormats } from '#functions/dead-letter-triage/transform/wire-frame.ts';
import { type Draft, transformRecord } from '#functions/dead-letter-triage/transform/transform-record.ts';
import type { Lake } from '#lake-in-a-box/lake.ts';
import { deadRecord } from '../support/dead-letters.ts';
import { startOwnLake } from '../support/own-lake.ts';

let lake: Lake;
let registry: SchemaRegistry;

const id = { name: 'id', type: 'long' };
const line = { name: 'Line', type: 'record', fields: [{ name: 'sku', type: 'string' }] };
const order = (...fields: object[]) => ({ type: 'record', name: 'Order', fields });
const subjects: readonly (readonly [string, object])[] = [
  ['avro', { schema: JSON.stringify(order(id)) }],
  ['avro', { schema: JSON.stringify(order(id, { name: 'lines', type: { type: 'array', items: line }, default: [] })) }],
  [
    'json',
    {
      schemaType: 'JSON',
      schema: JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', required: ['id'] }),
    },
  ],
  [
    'line.proto',
    { schemaType: 'PROTOBUF', schema: 'syntax = "proto3"; package shop; message Line { string sku = 1; }' },
  ],
  [
    'proto',
    {
      schemaType: 'PROTOBUF',
      schema:
        'syntax = "proto3"; package shop; import "line.proto"; message Other {} message Order { int64 id = 1; repeated Line lines = 2; }',
      references: [{ name: 'line.proto', subject: 'line.proto', version: 1 }],
    },
  ],
];

beforeAll(async () => {
  lake = await startOwnLake(['registry']);
  const url = `${lake.addresses.registry}/apis/ccompat/v7`;
  registry = new SchemaRegistry({ url, deadlineMs: 5_000, keepMs: 60_000 });
  for (const [subject, body] of subjects) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/subjects/${subject}/versions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${subject}: ${await answer.text()}`);
  }
}, 120_000);
afterAll(async () => lake.stop());

async function change(draft: Draft, ...transforms: object[]): Promise<Draft> {
  const replay = readReplay(JSON.stringify({ name: 'n', filter: { topic: 'dlq' }, transforms }), 'f');
  const schemas = await ReplaySchemas.open(replay, registry);
  await schemas.learn([readLetter(deadRecord(draft), [])]);
  return transformRecord(draft, replay.transforms, schemas);
}
const bare = (text: string): Draft => ({ value: Buffer.from(text), headers: [] });
const diagnose = ({ value, headers }: Draft) => diagnosePart('value', { key: null, value, headers }, {}, registry);

test.each(
  wireFormats.flatMap((wire) => (['avro', 'json', 'proto'] as const).map((subject) => [subject, wire] as const)),
)('%s written as %s is right for whoever asks the registry, and is read again', async (subject, wire) => {
  const text = subject === 'proto' ? '{"id":"7","lines":[{"sku":"ü"}]}' : '{"id":7,"lines":[{"sku":"ü"}]}';
  const message = subject === 'proto' ? { message: 'Order' } : {};
  const written = await change(bare(text), { encode: { subject, wire, ...message } });
  expect(await diagnose(written)).toMatchObject({
    schema: { subject, version: subject === 'avro' ? 2 : 1 },
    faults: [],
  });
  expect(await change(written, { decode: {} })).toEqual(bare(text));
});

test('Avro goes to another version of its subject and to another format, with what that wants', async () => {
  const old = await change(bare('{"id":9007199254740993}'), { encode: { subject: 'avro', version: 1 } });
  const newer = await change(old, { decode: {} }, { encode: { subject: 'avro' } });
  expect(await diagnose(newer)).toMatchObject({ schema: { subject: 'avro', version: 2 }, faults: [] });
  const proto = await change(newer, { decode: {} }, { encode: { subject: 'proto', message: 'Order' } });
  expect(await change(proto, { decode: {} })).toEqual(bare('{"id":"9007199254740993"}'));
  await expect(change(newer, { decode: {} }, { encode: { subject: 'avro', version: 1 } })).rejects.toThrow('no field');
});

test('what follows another version than it names is read by that one', async () => {
  const value = Buffer.from((await change(bare('{"id":7}'), { encode: { subject: 'avro', version: 1 } })).value ?? []);
  const named = Buffer.from((await change(bare('{"id":7}'), { encode: { subject: 'avro' } })).value ?? []);
  const wrong = { value: Buffer.concat([named.subarray(0, 5), value.subarray(5)]), headers: [] };
  await expect(change(wrong, { decode: {} })).rejects.toThrow('truncated');
  expect(await change(wrong, { decode: { subject: 'avro', version: 1 } })).toEqual(bare('{"id":7}'));
});

test('schemas that nobody has, and a registry that nobody names', async () => {
  await expect(change(bare('{"id":7}'), { encode: { subject: 'missing' } })).rejects.toThrow('no such schema');
  const replay = readReplay('{"name":"n","filter":{"topic":"t"},"transforms":[{"decode":{}}]}', 'f');
  await expect(ReplaySchemas.open(replay, undefined)).rejects.toMatchObject({ code: 'config.invalid' });
});
