import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import avro from 'avsc';
import protobuf from 'protobufjs';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import type { RunOutcome } from '#functions/dead-letter-triage/run.ts';
import type { Lake } from '#lake-in-a-box/lake.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { type Fate, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { sweep, type TriageLake, useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const ids = new Map<string, number>();
let lake: Lake;
let proxy: TcpProxy;

const long = { name: 'id', type: 'long' };
const flag = { name: 'paid', type: 'boolean' };
const order = (...fields: object[]) => ({ type: 'record', name: 'Order', fields });
const event = (...required: string[]) => ({ type: 'object', required, properties: { id: { type: 'integer' } } });
const user = 'syntax = "proto3"; message User { string name = 1; }';

beforeAll(async () => {
  lake = await startOwnLake(['registry']);
  proxy = await startTcpProxy(lake.addresses.registry ?? '');
  const register = async (name: string, subject: string, schemaType: string, schema: unknown): Promise<void> => {
    const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
    const answer = await fetch(`${lake.addresses.registry}/apis/ccompat/v7/subjects/${subject}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schemaType, schema: text }),
    });
    ids.set(name, ((await answer.json()) as { id: number }).id);
  };
  await register('order 1', 'orders-value', 'AVRO', order(long));
  await register('order 2', 'orders-value', 'AVRO', order(long, flag));
  await register('event 1', 'events-value', 'JSON', event('id'));
  await register('event 2', 'events-value', 'JSON', event('id', 'at'));
  await register('user', 'users-value', 'PROTOBUF', user);
}, 120_000);
afterAll(async () => {
  await proxy.close();
  await lake.stop();
});

const named = (name: string, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(ids.get(name) ?? 0, 1);
  return Buffer.concat([head, payload]);
};
const oldOrder = (): Buffer => named('order 2', avro.Type.forSchema(order(long) as never).toBuffer({ id: 1 }));

async function triageOf(topic: string, port = proxy.port): Promise<TriageLake> {
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  return prepare([topic], { registry: { url, deadlineSeconds: 1 } });
}

async function write(topic: string, values: readonly Buffer[], headers = [] as ReturnType<typeof connectHeaders>) {
  const timestamp = BigInt(Date.now());
  await writeLetters(
    kafka,
    values.map((value) => ({ topic, partition: 0, timestamp, key: null, value, headers })),
  );
}

/** What the quarantine says of each letter, in their order. */
async function faultsOf(triage: TriageLake, topic: string): Promise<string[]> {
  const lines = [...(await triage.files(topic)).values()].flatMap((file) =>
    gunzipSync(file).toString().trimEnd().split('\n'),
  );
  return lines.map((line) => (JSON.parse(line) as { diagnosis: string[] }).diagnosis.join());
}

/** As another instance would: one that was refused leaves the registry alone for a while. */
async function runAnew(triage: TriageLake): Promise<RunOutcome> {
  const clients = createClients(triage.settings);
  try {
    return await triage.run(sweep, { clients });
  } finally {
    await closeClients(clients);
  }
}

test('letters of a topic are told which field breaks, and which version of the schema would take them', async () => {
  const topic = await kafka.create();
  const triage = await triageOf(topic);
  const name = protobuf.Writer.create()
    .uint32(10)
    .bytes(Buffer.from([0xff]))
    .finish();
  await write(topic, [
    oldOrder(),
    named('event 2', Buffer.from('{"id":1}')),
    named('user', Buffer.concat([Buffer.from([0]), name])),
    named('nobody', Buffer.from('{}')),
  ]);
  await triage.run();
  const told = [
    'the bytes do not follow the Avro schema that they name (truncated): field paid, byte 6; version 1 of the schema would take it',
    'a field that the schema wants is missing (required): field at; version 1 of the schema would take it',
    'the fields do not follow the Protobuf schema (utf8): field name, byte 6',
    '',
  ];
  expect(await faultsOf(triage, topic)).toEqual(told);
  const groups = await triage.groups(topic);
  expect(groups.map(({ samples }) => samples[0]?.fault ?? '')).toEqual(told);
  const classes = groups.map(({ verdict }) => verdict.class);
  expect(classes).toEqual(['undecodable.avro', 'schema.missing_field', 'undecodable.protobuf', 'unknown']);
});

const answerBy = async (fate: Fate): Promise<void> => {
  proxy.judge = () => fate;
};

test.each([
  ['away', (): Promise<void> => proxy.down(), (): Promise<void> => proxy.up()],
  ['silent', () => answerBy('mute'), () => answerBy('pass')],
] as const)('while the registry is %s, letters that rest on it wait, and none is misjudged', async (_, end, mend) => {
  const [topic, other] = [await kafka.create(), await kafka.create()];
  const triage = await triageOf(topic);
  const telling = await triageOf(other);
  await write(topic, [oldOrder(), oldOrder()]);
  await write(other, [oldOrder()], connectHeaders(failure));
  await end();
  try {
    for (let times = 0; times < 2; times += 1)
      await expect(runAnew(triage)).rejects.toMatchObject({ code: 'registry.unavailable' });
    expect([await triage.groups(topic), triage.events, (await triage.files(topic)).size]).toEqual([[], [], 0]);
    // What tells why it failed goes on, and nothing is said of its bytes.
    expect((await runAnew(telling)).partitions).toMatchObject([{ letters: 1 }]);
    expect(await faultsOf(telling, other)).toEqual(['']);
  } finally {
    await mend();
  }
  expect((await runAnew(triage)).partitions).toMatchObject([{ letters: 2, end: 'done' }]);
  expect(await faultsOf(triage, topic)).toEqual([
    expect.stringContaining('field paid'),
    expect.stringContaining('field paid'),
  ]);
  expect(Object.values(await triage.counts(topic))).toEqual([2]);
});

test('a registry that is slow is waited for', async () => {
  const topic = await kafka.create();
  const slow = createServer((request, answer) => {
    const ask = async (): Promise<void> => {
      await sleep(300);
      const real = await fetch(`${lake.addresses.registry}${request.url}`);
      answer.writeHead(real.status).end(await real.text());
    };
    void ask();
  });
  slow.listen(0, '127.0.0.1');
  await once(slow, 'listening');
  const triage = await triageOf(topic, (slow.address() as AddressInfo).port);
  await write(topic, [oldOrder()]);
  await triage.run();
  slow.close();
  expect(await faultsOf(triage, topic)).toEqual([expect.stringContaining('version 1')]);
});
