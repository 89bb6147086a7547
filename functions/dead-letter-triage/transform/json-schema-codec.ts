import { type JsonSchemaCheck, parseJsonSchema } from '../diagnose/json-schema.ts';
import type { PayloadPlace, RegisteredSchema } from '../diagnose/registered-schema.ts';
import { type JsonValue, readDocument, writeDocument } from './json-document.ts';
import type { Payload, PayloadCodec } from './payload-codec.ts';
import { Refusal } from './refusal.ts';

/** JSON that follows a JSON Schema; numbers keep their digits. */
export class JsonSchemaCodec implements PayloadCodec {
  readonly #check: JsonSchemaCheck;

  constructor({ schema, references }: RegisteredSchema) {
    this.#check = parseJsonSchema(schema, references);
  }

  read(value: Buffer, { payloadAt }: PayloadPlace): JsonValue {
    const document = readDocument(value.subarray(payloadAt));
    this.write(document);
    return document;
  }

  write(document: JsonValue): Payload {
    const bytes = writeDocument(document);
    const fault = this.#check(JSON.parse(bytes.toString()));
    if (fault !== undefined) throw new Refusal(`the value breaks its JSON Schema: ${fault.detail ?? fault.code}`);
    return { bytes };
  }
}
