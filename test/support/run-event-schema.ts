import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const file = join(import.meta.dirname, '../fixtures/openlineage/run-event.schema.json');
const ajv = addFormats.default(new Ajv2020.default({ allErrors: true, strict: true, strictRequired: false }));
const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);

/** What is wrong with a RunEvent by the schema in fixtures/openlineage; empty when nothing is. */
export function runEventFaults(event: unknown): string[] {
  validate(event);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
