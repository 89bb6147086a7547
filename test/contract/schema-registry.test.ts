import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import protobuf from 'protobufjs';
import { diagnosePart, type Expectation } from '#functions/dead-letter-triage/diagnose/diagnose.ts';
import { SchemaRegistry } from '#functions/dead-letter-triage/registry/schema-registry.ts';
import { Secret } from '#shared/config/secret.ts';
import type { KafkaHeader } from '#shared/kafka/record.ts';
import type { Lake } from '#lake-in-a-box/lake.ts';
import { Authority } from '../support/certificates.ts';
import { startOwnLake } from '../support/own-lake.ts';

let lake: Lake;
let url: string;
let registry: SchemaRegistry;
const ids = new Map<string, number>();
const options = { deadlineMs: 5_000, keepMs: 60_000 };

const order = (...fields: object[]) => ({ type: 'record', name: 'shop.Order', fields });
const id = { name: 'id', type: 'long' };
const note = { name: 'note', type: 'string' };
const customer = { name: 'by', type: 'shop.Customer' };
const proto =
  'syntax = "proto3"; package shop; import "customer.proto"; message Other {} message Order { Customer by = 1; }';
const customerProto = 'syntax = "proto3"; package shop; message Customer { string name = 1; }';

async function register(subject: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { id: number }).id;
}

beforeAll(async () => {
  lake = await startOwnLake(['registry']);
  url = `${lake.addresses.registry}/apis/ccompat/v7`;
  registry = new SchemaRegistry({ url, ...options });
  const put = async (name: string, subject: string, body: object) => ids.set(name, await register(subject, body));
  const avroBody = (schema: object, references?: object[]) => ({ schema: JSON.stringify(schema), references });
  await put('order 1', 'orders-value', avroBody(order(id)));
  await put('order 2', 'orders-value', avroBody(order(id, note)));
  await put('order 3', 'orders-value', avroBody(order(id, note, { name: 'paid', type: 'boolean' })));
  await put('other', 'others-value', avroBody({ type: 'record', name: 'Other', fields: [note] }));
  await put('customer', 'customer', avroBody({ type: 'record', name: 'shop.Customer', fields: [note] }));
  await put(
    'bill',
    'bills-value',
    avroBody({ type: 'record', name: 'shop.Bill', fields: [id, customer] }, [
      { name: 'shop.Customer', subject: 'customer', version: 1 },
    ]),
  );
  const json = (required: string[]) => ({
    schemaType: 'JSON',
    schema: JSON.stringify({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      required,
      properties: { id: { type: 'integer' } },
    }),
  });
  await put('event 1', 'events-value', json(['id']));
  await put('event 2', 'events-value', json(['id', 'at']));
  await put('customer.proto', 'customer.proto', { schemaType: 'PROTOBUF', schema: customerProto });
  await put('proto', 'protos-value', {
    schemaType: 'PROTOBUF',
    schema: proto,
    references: [{ name: 'customer.proto', subject: 'customer.proto', version: 1 }],
  });
}, 120_000);
afterAll(async () => lake.stop());

const prefixed = (name: string, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(ids.get(name) ?? 0, 1);
  return Buffer.concat([head, payload]);
};
const encode = (schema: object, value: unknown): Buffer => avro.Type.forSchema(schema as never).toBuffer(value);
const diagnose = (value: Uint8Array | null, expected: Expectation = {}, headers: KafkaHeader[] = []) =>
  diagnosePart('value', { key: null, value, headers }, expected, registry);
const orders = { format: 'registered', subject: 'orders-value' } as const;

describe('Avro', () => {
  test('what the named schema describes is right', async () => {
    const value = prefixed('order 2', encode(order(id, note), { id: 1, note: 'n' }));
    expect(await diagnose(value, orders)).toEqual({
      format: 'avro',
      encoding: 'confluent',
      schema: { id: BigInt(ids.get('order 2') as number), subject: 'orders-value', version: 2 },
      faults: [],
    });
  });

  test('the field that breaks is named, and the version that accepts the bytes', async () => {
    const value = prefixed('order 3', encode(order(id, note), { id: 1, note: 'n' }));
    const { faults } = await diagnose(value, orders);
    expect(faults).toEqual([
      { code: 'avro.mismatch', detail: 'truncated', byte: 8, path: '/paid', field: 'paid', acceptedBy: 2 },
    ]);
  });

  test('a schema of another topic is named as such', async () => {
    const value = prefixed('other', encode({ type: 'record', name: 'Other', fields: [note] }, { note: 'n' }));
    expect(await diagnose(value, orders)).toMatchObject({
      schema: { subject: 'others-value', version: 1 },
      faults: [{ code: 'schema.foreign' }],
    });
  });

  test('schemas that refer to others are read with them', async () => {
    const value = prefixed('bill', Buffer.from([2, 6, 65, 100, 97]));
    expect(await diagnose(value)).toMatchObject({ format: 'avro', faults: [] });
    expect((await diagnose(value.subarray(0, -1))).faults).toMatchObject([{ field: 'by.note' }]);
  });

  test('a number that the registry does not know, and bytes that name none', async () => {
    expect((await diagnose(Buffer.from([0, 0, 0, 3, 0xe7, 2]), orders)).faults).toEqual([{ code: 'schema.unknown' }]);
    expect((await diagnose(Buffer.from([0, 0, 0]), orders)).faults).toEqual([{ code: 'wire.short', byte: 3 }]);
    expect((await diagnose(Buffer.from('{}'), orders)).faults).toEqual([{ code: 'wire.magic', byte: 0 }]);
    expect(await diagnose(Buffer.from([0, 0, 0, 3, 0xe7, 2]))).toEqual({ format: 'binary', faults: [] });
  });

  test('Avro where the topic has JSON', async () => {
    const value = prefixed('order 1', encode(order(id), { id: 1 }));
    expect(await diagnose(value, { format: 'json' })).toMatchObject({
      format: 'avro',
      faults: [{ code: 'format.foreign' }],
    });
  });

  test("Apicurio's own numbers, in headers and before the payload", async () => {
    const payload = encode(order(id, note), { id: 1, note: 'n' });
    const found = await fetch(
      `${lake.addresses.registry}/apis/registry/v2/groups/default/artifacts/orders-value/versions/2/meta`,
    );
    const { globalId } = (await found.json()) as { globalId: number };
    const number = Buffer.alloc(8);
    number.writeBigInt64BE(BigInt(globalId));
    const known = { format: 'avro', schema: { id: BigInt(globalId), subject: 'orders-value', version: 2 }, faults: [] };
    const header: KafkaHeader = [Buffer.from('apicurio.value.globalId'), number];
    expect(await diagnose(payload, orders, [header])).toEqual({ ...known, encoding: 'header' });
    const value = Buffer.concat([Buffer.from([0]), number, payload]);
    expect(await diagnose(value, orders)).toMatchObject({ ...known, encoding: 'apicurio' });
  });
});

describe('JSON Schema', () => {
  const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

  test('the field that is missing is named, and the version that accepts the bytes', async () => {
    expect((await diagnose(prefixed('event 2', text({ id: 1, at: 2 })))).faults).toEqual([]);
    expect((await diagnose(prefixed('event 2', text({ id: 1 })))).faults).toEqual([
      { code: 'schema.missing', detail: 'required', path: '/at', field: 'at', acceptedBy: 1 },
    ]);
    expect((await diagnose(prefixed('event 2', text({ id: 'x', at: 2 })))).faults).toEqual([
      { code: 'schema.type', detail: 'type', path: '/id', field: 'id' },
    ]);
  });

  test('text that is no JSON', async () => {
    expect((await diagnose(prefixed('event 1', Buffer.from('{"id":1')))).faults).toMatchObject([
      { code: 'json.truncated', byte: 12, path: '/id' },
    ]);
  });
});

describe('Protobuf', () => {
  const inner = protobuf.Writer.create().uint32(10).string('Ada').finish();
  const payload = protobuf.Writer.create().uint32(10).bytes(inner).finish();
  const right = { format: 'protobuf', faults: [] };
  const wrong = [{ code: 'protobuf.mismatch', detail: 'utf8', path: '/by/name', field: 'by.name' }];
  const broken = (value: Buffer): Buffer => value.fill(0xff, value.indexOf('Ada'), value.indexOf('Ada') + 1);

  test('the message by its indexes, and the field that breaks', async () => {
    const value = prefixed('proto', Buffer.concat([Buffer.from([2, 2]), payload]));
    expect(await diagnose(value)).toMatchObject(right);
    expect((await diagnose(broken(value))).faults).toMatchObject(wrong);
  });

  test("indexes behind the schema's number in a header", async () => {
    const named: KafkaHeader = [Buffer.from('__value_schema_id'), prefixed('proto', Buffer.from([2, 2]))];
    expect(await diagnose(payload, {}, [named])).toMatchObject(right);
    expect((await diagnose(broken(Buffer.from(payload)), {}, [named])).faults).toMatchObject(wrong);
  });

  test("Apicurio's name of the message, in a header or before the payload", async () => {
    const found = await fetch(
      `${lake.addresses.registry}/apis/registry/v2/groups/default/artifacts/protos-value/versions/1/meta`,
    );
    const number = Buffer.alloc(8);
    number.writeBigInt64BE(BigInt(((await found.json()) as { globalId: number }).globalId));
    const ref = Buffer.from([7, 0x0a, 5, ...Buffer.from('Order')]);
    const value = Buffer.concat([Buffer.from([0]), number, ref, payload]);
    expect(await diagnose(value)).toMatchObject(right);
    expect((await diagnose(broken(value))).faults).toMatchObject(wrong);
    const named: KafkaHeader[] = [
      [Buffer.from('apicurio.value.globalId'), number],
      [Buffer.from('apicurio.protobuf.type'), Buffer.from('Order')],
    ];
    expect(await diagnose(payload, {}, named)).toMatchObject(right);
    expect((await diagnose(broken(Buffer.from(payload)), {}, named)).faults).toMatchObject(wrong);
  });
});

describe('a registry in trouble is no fault of the data', () => {
  const value = () => prefixed('order 1', encode(order(id), { id: 1 }));
  const servers: Server[] = [];
  const answering = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const ask = async (address: string) => {
    const away = new SchemaRegistry({ url: address, ...options, deadlineMs: 300 });
    return diagnosePart('value', { key: null, value: value(), headers: [] }, orders, away);
  };
  afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));
  const incomplete = { faults: [], incomplete: true };

  test('one that is away, silent, broken, or none at all', async () => {
    expect(await ask('http://127.0.0.1:1')).toMatchObject(incomplete);
    expect(await ask(await answering(() => {}))).toMatchObject(incomplete);
    for (const [status, body] of [
      [500, '{}'],
      [404, '<html>'],
      [404, '{"error_code":0}'],
      [401, '{}'],
      [200, '<html>'],
      [200, '{"schema":"{"}'],
      [302, ''],
    ] as const)
      expect(await ask(await answering((_, answer) => answer.writeHead(status).end(body)))).toMatchObject(incomplete);
  });

  test('behind TLS it is asked when its authority is one of NODE_EXTRA_CA_CERTS, its name right and its time not over', async () => {
    const [authority, stranger] = [new Authority(), new Authority()];
    const identities = [
      authority.sign('registry'),
      authority.sign('other', { host: 'DNS:elsewhere' }),
      authority.sign('old', { expired: true }),
      stranger.sign('stranger'),
    ];
    let passed = 0;
    const addresses: string[] = [];
    for (const identity of identities) {
      const server = createTlsServer(identity, (request, answer) => {
        passed += 1;
        void fetch(`${lake.addresses.registry}${request.url}`).then(async (real) =>
          answer.writeHead(real.status).end(await real.text()),
        );
      }).listen(0, '127.0.0.1');
      servers.push(server);
      await once(server, 'listening');
      addresses.push(`https://localhost:${(server.address() as AddressInfo).port}/apis/ccompat/v7`);
    }
    // Authorities of a process are read when it starts.
    const program = `
      import { SchemaRegistry } from '#functions/dead-letter-triage/registry/schema-registry.ts';
      for (const url of ${JSON.stringify(addresses)}) {
        const found = new SchemaRegistry({ url, deadlineMs: 5000, keepMs: 1 }).find({ by: 'id', id: ${ids.get('order 1')} });
        console.log(await found.then((schema) => schema?.type ?? 'none', (error) => error.code + ': ' + error.message));
      }`;
    const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: authority.certFile };
    const args = ['--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, env });
    authority.remove();
    stranger.remove();
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('AVRO');
    const why = 'registry.unavailable: the schema registry at https://localhost:\\d+ does not answer: ';
    expect(lines.slice(1)).toEqual(
      ['.*altnames', 'certificate has expired', 'unable to (?:verify|get)'].map((reason) =>
        expect.stringMatching(`^${why}${reason}`),
      ),
    );
    expect(passed).toBeGreaterThan(0);
  });

  test('what it could not answer is asked again, and what it does not know is not believed for ever', async () => {
    let broken = true;
    const address = await answering((request, answer) => {
      if (broken) return answer.writeHead(500).end();
      void fetch(`${url}${request.url}`).then(async (real) => answer.writeHead(real.status).end(await real.text()));
      return answer;
    });
    expect(await ask(address)).toMatchObject(incomplete);
    broken = false;
    expect(await ask(address)).toMatchObject({ format: 'avro', faults: [] });
  });

  test('passwords are sent, and never shown', async () => {
    const seen: (string | undefined)[] = [];
    const address = await answering((request, answer) => {
      seen.push(request.headers.authorization);
      answer.writeHead(403).end();
    });
    const password = new Secret(() => 'swordfish');
    const login = new SchemaRegistry({ url: address, user: 'u', password, ...options });
    const error: unknown = await login.find({ by: 'id', id: 1 }).catch((thrown: unknown) => thrown);
    expect(seen).toEqual([`Basic ${Buffer.from('u:swordfish').toString('base64')}`]);
    expect(String(error)).toMatch(/does not answer: it answers 403$/);
    const bearer = new SchemaRegistry({ url: address, token: password, ...options });
    await expect(bearer.find({ by: 'id', id: 1 })).rejects.toMatchObject({ code: 'registry.unavailable' });
    expect(seen[1]).toBe('Bearer swordfish');
  });
});

test('each schema is asked for once, however many letters name it', async () => {
  const counted = new SchemaRegistry({ url, ...options });
  const value = prefixed('order 1', encode(order(id), { id: 1 }));
  const all = Array.from({ length: 100 }, () =>
    diagnosePart('value', { key: null, value, headers: [] }, orders, counted),
  );
  expect((await Promise.all(all)).every(({ faults }) => faults.length === 0)).toBe(true);
  expect(counted.calls).toBe(2);
});
