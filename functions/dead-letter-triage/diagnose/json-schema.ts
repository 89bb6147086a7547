import { type AnySchema, type ErrorObject, type Options, Ajv, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import type { Fault, FaultCode } from './diagnosis.ts';

/** A JSON Schema that is ready to be checked with. */
export type JsonSchemaCheck = (value: unknown) => Fault | undefined;

/** A schema that others refer to, under the name by which they do. */
export interface JsonSchemaReference {
  readonly name: string;
  readonly schema: string;
}

const options: Options = { strict: false, logger: false, validateFormats: true, unicodeRegExp: false };

/** Prepares a schema of draft 4, 6, 7, 2019-09 or 2020-12. @throws Error when it is none, or refers to one that is not there */
export function parseJsonSchema(schema: string, references: readonly JsonSchemaReference[] = []): JsonSchemaCheck {
  const parsed = JSON.parse(schema) as AnySchema | null;
  const draft: unknown = typeof parsed === 'object' ? parsed?.['$schema'] : undefined;
  const ajv = newAjv(typeof draft === 'string' ? draft : '');
  addFormats.default(ajv);
  for (const { name, schema: text } of references) ajv.addSchema(JSON.parse(text) as AnySchema, name);
  const validate = ajv.compile(parsed as AnySchema);
  return (value) => firstFault(validate, value);
}

function newAjv(draft: string): Ajv {
  if (draft.includes('draft-04')) return new ajvDraft04.default(options);
  if (draft.includes('2019-09')) return new Ajv2019(options);
  if (draft.includes('2020-12')) return new Ajv2020(options);
  const ajv = new Ajv(options);
  if (draft.includes('draft-06')) ajv.addMetaSchema({ $id: 'http://json-schema.org/draft-06/schema#' });
  return ajv;
}

const codes: Readonly<Record<string, FaultCode>> = {
  required: 'schema.missing',
  dependentRequired: 'schema.missing',
  dependencies: 'schema.missing',
  additionalProperties: 'schema.additional',
  unevaluatedProperties: 'schema.additional',
  additionalItems: 'schema.additional',
  unevaluatedItems: 'schema.additional',
  type: 'schema.type',
  enum: 'schema.enum',
  const: 'schema.enum',
  discriminator: 'schema.enum',
};

/** Keywords that only say that none of several ways fits; what is wrong inside tells more. */
const combining = new Set(['anyOf', 'oneOf', 'allOf', 'if', 'not', 'propertyNames', 'contains']);

function firstFault(validate: ValidateFunction, value: unknown): Fault | undefined {
  if (validate(value)) return undefined;
  const errors = validate.errors ?? [];
  // Of the ways that do not fit, the one that came furthest is most likely the one that was meant.
  const best = errors
    .filter(({ keyword }) => !combining.has(keyword))
    .reduce<ErrorObject | undefined>(
      (deepest, error) => (deepest === undefined || levels(error) > levels(deepest) ? error : deepest),
      undefined,
    );
  const error = best ?? errors[0];
  if (error === undefined) return { code: 'schema.type' };
  const { keyword, params } = error;
  const name: unknown = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const path =
    typeof name === 'string'
      ? `${error.instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      : error.instancePath;
  return { code: codes[keyword] ?? 'schema.range', detail: keyword, path };
}

function levels({ instancePath }: ErrorObject): number {
  return instancePath.split('/').length;
}
