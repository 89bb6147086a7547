import { describe, expect, test } from '@jest/globals';
import type { RegisteredSchema } from '#functions/dead-letter-triage/diagnose/registered-schema.ts';
import { readReplay, type Transform } from '#functions/dead-letter-triage/replay/plan-schema.ts';
import { transformRecord, type TransformSchemas } from '#functions/dead-letter-triage/transform/transform-record.ts';
import { headers } from '../../../support/dead-letters.ts';

const schema: RegisteredSchema = {
  type: 'AVRO',
  schema: JSON.stringify({
    type: 'record',
    name: 'Order',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'note', type: ['null', 'string'], default: null },
    ],
  }),
  references: [],
  id: 258n,
  versions: [{ subject: 'orders-value', version: 1 }],
};

const stepsOf = (transforms: readonly object[]): Transform[] =>
  readReplay(JSON.stringify({ name: 'n', filter: { topic: 't' }, transforms }), 'f').transforms;
const draft = (value: string | null) => ({ value: value === null ? null : Buffer.from(value), headers: [] });
const known = (own: RegisteredSchema | undefined): TransformSchemas => ({ named: () => own, referred: () => own });
const change = (value: string | null, ...steps: object[]): string =>
  String(transformRecord(draft(value), stepsOf(steps), known(schema)).value);

test('what no step touches keeps every digit, every blank of what is not JSON, and its order', () => {
  const value = '{"b":12345678901234567890.10,"a":1e400,"s":"\\ud800","n":[1.0,-0],"x":1}';
  expect(change(value, { drop: '/x' })).toBe(value.replace(',"x":1', ''));
  expect(change(' not JSON ', { addHeaders: { h: 'v' } })).toBe(' not JSON ');
});

test.each([
  ['{"a":1}', { set: '/b', value: { c: [1, null] } }, '{"a":1,"b":{"c":[1,null]}}'],
  ['{"a":[1,2]}', { set: '/a/0', value: 'x' }, '{"a":["x",2]}'],
  ['{"a":1}', { set: '', value: [] }, '[]'],
  ['{"a":1}', { set: '/__proto__', value: 2 }, '{"a":1,"__proto__":2}'],
  ['{"a":1}', { drop: '/b' }, '{"a":1}'],
  ['{"a":1,"b/c~d":2}', { drop: '/b~1c~0d' }, '{"a":1}'],
  ['{"a":{"b":1}}', { rename: '/a/b', to: '/c' }, '{"a":{},"c":1}'],
  ['{"a":[1]}', { patch: [{ op: 'add', path: '/a/-', value: 2 }] }, '{"a":[1,2]}'],
  ['{"a":[1]}', { patch: [{ op: 'add', path: '/a/0', value: 2 }] }, '{"a":[2,1]}'],
  ['{"a":1}', { patch: [{ op: 'copy', from: '/a', path: '/b' }] }, '{"a":1,"b":1}'],
  ['{"a":1.0}', { patch: [{ op: 'test', path: '/a', value: 1 }] }, '{"a":1.0}'],
  ['{"a":1}', { patch: [{ op: 'replace', path: '', value: 0 }] }, '0'],
])('%s becomes by %j %s', (before, step, after) => {
  expect(change(before, step)).toBe(after);
});

test.each([
  ['{"a":1', { drop: '/a' }, 'not JSON'],
  [null, { drop: '/a' }, 'no value'],
  ['{"a":1,"a":2}', { drop: '/a' }, 'twice'],
  ['{"a":1}', { rename: '/b', to: '/c' }, 'nothing at /b'],
  ['{"a":{}}', { rename: '/a', to: '/a/b' }, 'into itself'],
  ['{"a":1}', { set: '/b/c', value: 1 }, 'nothing at /b'],
  ['{"a":1}', { set: '/a/b', value: 1 }, 'neither object nor list'],
  ['{"a":[]}', { patch: [{ op: 'add', path: '/a/1', value: 1 }] }, 'no place'],
  ['{"a":[1]}', { patch: [{ op: 'add', path: '/a/01', value: 1 }] }, 'no place'],
  ['{"a":1}', { patch: [{ op: 'test', path: '/a', value: 2 }] }, 'test at /a'],
  ['{"a":1}', { patch: [{ op: 'remove', path: '/toString' }] }, 'nothing at'],
  ['{"a":1}', { patch: [{ op: 'replace', path: '/b', value: 2 }] }, 'nothing at /b'],
])('%s is refused by %j: %s', (before, step, reason) => {
  expect(() => change(before, step)).toThrow(reason);
});

test('headers are added behind others and dropped by their names, all others stay as they are', () => {
  const before = headers(['a', '1'], ['b', null], ['a', '2'], ['__proto__', 'x']);
  const steps = stepsOf([{ dropHeaders: ['a'] }, { addHeaders: { c: 'ü' } }]);
  const changed = transformRecord({ value: null, headers: before }, steps, known(undefined));
  expect(changed).toEqual({ value: null, headers: headers(['b', null], ['__proto__', 'x'], ['c', 'ü']) });
});

describe('encoding by a schema', () => {
  const encode = { encode: { subject: 'orders-value' } };

  test('writes the number of the schema, and fills in defaults', () => {
    const value = transformRecord(draft('{"id":7}'), stepsOf([encode]), known(schema)).value;
    expect(Buffer.from(value ?? []).toString('hex')).toBe('00000001020e00');
    const noted = transformRecord(draft('{"id":7,"note":"x"}'), stepsOf([encode]), known(schema)).value;
    expect(Buffer.from(noted ?? []).toString('hex')).toBe('00000001020e020278');
  });

  test.each([
    ['{}', 'nothing at /id'],
    ['{"id":"7"}', 'at /id is not long'],
    ['{"id":9223372036854775808}', 'at /id is not long'],
    ['{"id":1.5}', 'at /id is not long'],
    ['{"id":1,"note":2}', 'no branch'],
    ['{"id":1,"other":2}', 'no field'],
    ['[]', 'no object'],
  ])('refuses %s: %s', (value, reason) => {
    expect(() => change(value, encode)).toThrow(reason);
  });

  test('refuses when there is no schema', () => {
    expect(() => transformRecord(draft('{}'), stepsOf([encode]), known(undefined))).toThrow('no such schema');
  });
});

test('a number in a plan that would lose digits is refused', () => {
  const text = 'name: n\nfilter: {topic: t}\ntransforms: [{set: /a, value: 12345678901234567890}]';
  expect(() => readReplay(text, 'f')).toThrow('/transforms/0/value is a number that loses digits');
});

test.each(['name: n', 'a: [', 'name: n\nfilter: {topic: t}\nother: 1', 'name: n\nfilter: {topic: ../x}'])(
  'no replay: %j',
  (text) => {
    expect(() => readReplay(text, 'f.yaml')).toThrow('f.yaml is no replay');
  },
);
