import { expect, test } from '@jest/globals';
import { CloudEvent, HTTP } from 'cloudevents';
import {
  array,
  assert,
  constantFrom,
  dictionary,
  jsonValue,
  oneof,
  property,
  record,
  string,
  tuple,
  uint8Array,
} from 'fast-check';
import { isError } from '#shared/errors/error.ts';
import { decodeText } from '#shared/host/event-data.ts';
import { parseEvent } from '#shared/host/parse-event.ts';

const text = string({ unit: constantFrom(...Array.from('abcXYZ019 ._-~%"\\/€𝄞')) }).filter(
  (value) => value.trim() === value && value !== '',
);
const attributes = record({
  id: text,
  source: constantFrom('/a', 'urn:x:y', 'https://host/path?query#fragment', '/apis/v1/namespaces/d/kafkasources/k#raw'),
  type: text,
  subject: text,
  time: constantFrom('2026-11-21T07:25:10.629Z', '2024-02-29T23:59:59.123Z'),
});
const extensions = dictionary(
  string({ unit: constantFrom('a', 'b', 'c', '0', '1', '9'), minLength: 3, maxLength: 20 }),
  text,
);

test('structured events of the CloudEvents SDK are read as they were written', () => {
  assert(
    property(attributes, extensions, jsonValue(), (known, extra, data) => {
      const written = HTTP.structured(new CloudEvent({ ...extra, ...known, data }));
      const event = parseEvent({ rawHeaders: flatten(written.headers), body: Buffer.from(String(written.body)) });
      expect(event).toMatchObject({ ...known, extensions: extra });
      expect(event.data ?? null).toEqual(JSON.parse(JSON.stringify(data)));
    }),
  );
});

test('attributes in headers are read as they were percent-encoded by the specification', () => {
  assert(
    property(attributes, extensions, (known, extra) => {
      const all = { specversion: '1.0', ...extra, ...known };
      const headers = Object.entries(all).flatMap(([name, value]) => [
        `Ce-${name}`,
        encodeURI(value).replaceAll('#', '%23'),
      ]);
      expect(parseEvent({ rawHeaders: headers, body: Buffer.of() })).toMatchObject({ ...known, extensions: extra });
    }),
  );
});

test('a body that is cut off within a character leaves nothing behind for the next', () => {
  const euro = Buffer.from('\uFEFF€');
  expect(() => decodeText(euro.subarray(0, 5), 'utf-8')).toThrow('the body is not valid utf-8');
  expect(decodeText(euro, 'utf-8')).toBe('€');
  expect(() => decodeText(euro.subarray(5), 'utf-8')).toThrow('the body is not valid utf-8');
});

test('whatever comes is an event or a refusal, never another error', () => {
  const name = oneof(
    constantFrom(
      'ce-id',
      'ce-type',
      'ce-source',
      'ce-specversion',
      'ce-time',
      'ce-data',
      'ce-',
      'ce-__proto__',
      'content-type',
    ),
    string().map((part) => `ce-${part}`),
  );
  const value = oneof(
    string(),
    constantFrom('1.0', '/s', 'application/json', 'text/x', 'application/cloudevents+json', '%', '"'),
  );
  const body = oneof(
    uint8Array(),
    jsonValue().map((json) => Buffer.from(JSON.stringify(json))),
  );
  assert(
    property(array(tuple(name, value)), body, (headers, bytes) => {
      const rawHeaders = ['ce-id', '1', 'ce-type', 't', ...headers.flat()];
      try {
        expect(parseEvent({ rawHeaders, body: bytes }).specversion).toBe('1.0');
      } catch (error) {
        expect(isError(error, 'event.invalid', 'event.unsupported')).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

function flatten(headers: Record<string, unknown>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
}
