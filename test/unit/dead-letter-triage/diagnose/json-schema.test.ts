import { describe, expect, test } from '@jest/globals';
import { parseJsonSchema } from '#functions/dead-letter-triage/diagnose/json-schema.ts';

const schema = {
  type: 'object',
  required: ['id', 'customer'],
  additionalProperties: false,
  properties: {
    id: { type: 'integer', minimum: 1 },
    customer: { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 5 } } },
    state: { enum: ['open', 'paid'] },
    mail: { type: 'string', format: 'email' },
    tags: { type: 'array', items: { type: 'string' } },
    pay: {
      oneOf: [{ type: 'object', required: ['card'], properties: { card: { type: 'string' } } }, { type: 'null' }],
    },
  },
};
const good = { id: 1, customer: { name: 'Ada' } };

describe.each([
  '',
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-06/schema#',
  'http://json-schema.org/draft-07/schema#',
  'https://json-schema.org/draft/2019-09/schema',
  'https://json-schema.org/draft/2020-12/schema',
])('draft %j', (draft) => {
  const check = parseJsonSchema(JSON.stringify({ ...(draft !== '' && { $schema: draft }), ...schema }));

  test('what the schema describes is right', () => expect(check(good)).toBeUndefined());

  test.each([
    [{ id: 1 }, 'schema.missing', 'required', '/customer'],
    [{ ...good, customer: {} }, 'schema.missing', 'required', '/customer/name'],
    [{ ...good, 'a/b': 1 }, 'schema.additional', 'additionalProperties', '/a~1b'],
    [{ ...good, id: 'x' }, 'schema.type', 'type', '/id'],
    [{ ...good, id: 0 }, 'schema.range', 'minimum', '/id'],
    [{ ...good, state: 'lost' }, 'schema.enum', 'enum', '/state'],
    [{ ...good, mail: 'x' }, 'schema.range', 'format', '/mail'],
    [{ ...good, tags: ['a', 1] }, 'schema.type', 'type', '/tags/1'],
    [{ ...good, customer: { name: 'Adelheid' } }, 'schema.range', 'maxLength', '/customer/name'],
    [{ ...good, pay: { card: 5 } }, 'schema.type', 'type', '/pay/card'],
    [[], 'schema.type', 'type', ''],
  ])('%j', (value, code, detail, path) => {
    expect(check(value)).toEqual({ code, detail, path });
  });
});

test('schemas refer to others by name', () => {
  const outer = JSON.stringify({ properties: { by: { $ref: 'customer.json' } } });
  const check = parseJsonSchema(outer, [{ name: 'customer.json', schema: '{"required":["name"]}' }]);
  expect(check({ by: {} })).toMatchObject({ code: 'schema.missing', path: '/by/name' });
  expect(() => parseJsonSchema(outer)).toThrow('customer.json');
});

test('what is no schema is refused', () => {
  expect(() => parseJsonSchema('{"type":"nothing"}')).toThrow();
  expect(() => parseJsonSchema('{')).toThrow();
});
