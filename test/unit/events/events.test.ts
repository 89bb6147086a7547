import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { CloudEvent } from 'cloudevents';
import { parseStructured } from '#shared/host/parse-event.ts';

const folder = join(import.meta.dirname, '../../../events');
const schemas = list(folder, '.schema.json');
const examples = list(join(folder, 'examples'), '.json');

function list(path: string, suffix: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .toSorted();
}

function read(...path: string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, ...path), 'utf8')) as Record<string, unknown>;
}

test('each schema in events/ has an example, and each example a schema', () => {
  expect(examples).toEqual(schemas);
});

describe('each example', () => {
  const ajv = addFormats.default(new Ajv2020.default({ allErrors: true, strict: true, allowUnionTypes: true }));

  test('is a CloudEvent of its type to the SDK and to our own parser, and its data suits the schema', () => {
    for (const type of examples) {
      const example = read('examples', `${type}.json`);
      expect(new CloudEvent(example).validate()).toBe(true);
      const event = parseStructured(example);
      // A colon cannot stand in a file's name everywhere.
      expect(event.type.replaceAll(':', '.')).toBe(type);
      const validate = ajv.compile(read(`${type}.schema.json`));
      validate(event.data);
      expect([type, validate.errors]).toEqual([type, null]);
    }
  });
});
