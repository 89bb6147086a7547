import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  encodeEventRecord,
  nameDelivery,
  readDelivery,
} from '#functions/dead-letter-triage/undelivered/event-record.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { lastFailure } from '#functions/dead-letter-triage/letter/letter.ts';
import { parseEvent, parseStructured } from '#shared/host/parse-event.ts';
import { deadRecord } from '../../support/dead-letters.ts';

const captured = JSON.parse(readFileSync('test/fixtures/events/broker-dead-letter.json', 'utf8')) as {
  headers: Record<string, string>;
  body: string;
};
const request = { rawHeaders: Object.entries(captured.headers).flat(), body: Buffer.from(captured.body) };

test('what a real dead letter sink sent becomes a record, with broken JSON as it came', () => {
  const record = encodeEventRecord(parseEvent(request));
  expect(record.value?.toString()).toBe('{"a":');
  expect(record.headers.map(([name, value]) => `${String(name)}=${String(value)}`)).toEqual([
    'ce_specversion=1.0',
    'ce_id=b1',
    'ce_source=/s',
    'ce_type=lab.badjson',
    'ce_knativearrivaltime=2026-11-21T07:49:48.804068819Z',
    'ce_knativebrokerttl=255',
    'ce_knativeerrorcode=400',
    `ce_knativeerrordata=${captured.headers['ce-knativeerrordata']}`,
    'ce_knativeerrordest=http://kfn.default.svc.cluster.local',
    'content-type=application/json',
  ]);
  expect(lastFailure(readLetter(deadRecord(record)))).toMatchObject({
    family: 'knative',
    component: 'http://kfn.default.svc.cluster.local',
    error: {
      code: '400',
      message: '{"statusCode":400,"error":"Bad Request","message":"Unexpected end of JSON input"}',
    },
  });
});

test.each<[string, Record<string, unknown>, string | null, string | undefined]>([
  ['no data', {}, null, undefined],
  ['JSON', { data: { a: 1 } }, '{"a":1}', 'application/json'],
  ['JSON text', { data: 'a' }, '"a"', 'application/json'],
  ['text', { data: 'ä', datacontenttype: 'text/plain' }, 'ä', 'text/plain'],
  ['null', { data: null }, 'null', 'application/json'],
  ['bytes', { data_base64: 'AP8=', datacontenttype: 'x/y' }, '\u0000\ufffd', 'x/y'],
])('in structured mode, %s', (_, parts, value, type) => {
  const record = encodeEventRecord(
    parseStructured({ specversion: '1.0', id: '1', source: '/s', type: 't', partitionkey: 'k', ...parts }),
  );
  expect(record.value && Buffer.from(record.value).toString()).toBe(value);
  expect(record.headers.find(([name]) => String(name) === 'content-type')?.[1]?.toString()).toBe(type);
  expect(String(record.key)).toBe('k');
});

test('a repeated delivery is known again, and others are not', () => {
  const event = parseEvent(request);
  const named = readDelivery(encodeEventRecord(event));
  expect(named).toBe(nameDelivery(event));
  const { extensions } = event;
  const others = [
    { ...event, source: '/t' },
    { ...event, id: `${event.id} ` },
    { ...event, extensions: {} },
    { ...event, extensions: { ...extensions, knativearrivaltime: '' } },
    { ...event, id: event.source, source: event.id },
    { ...event, id: '\ud800' },
  ];
  expect(new Set([named, ...others.map(nameDelivery)]).size).toBe(7);
  for (const other of others) expect(readDelivery(encodeEventRecord(other))).toBe(nameDelivery(other));
});
