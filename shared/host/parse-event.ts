import { LakewardenError } from '#shared/errors/error.ts';
import { decodeHeaderValue } from '#shared/events/header-value.ts';
import { checkAttributes, invalid } from './attributes.ts';
import { decodeText, parseJson, readData } from './event-data.ts';
import type { CloudEventIn, RawRequest } from './cloud-event.ts';

/**
 * Reads the one CloudEvent of a request (CloudEvents HTTP binding 1.0.2, binary and structured content mode).
 * @throws LakewardenError `event.invalid`, or `event.unsupported` for batches, other formats and compressed bodies.
 */
export function parseEvent(request: Pick<RawRequest, 'rawHeaders' | 'body'>): CloudEventIn {
  const headers = readHeaders(request.rawHeaders);
  const contentType = headers.get('content-type');
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw unsupported('a body with a content-encoding');
  if (contentType !== undefined && /^\s*application\/cloudevents/i.test(contentType)) {
    if (/^\s*application\/cloudevents-batch/i.test(contentType))
      throw unsupported('a batch of events; send them one by one');
    if (!/^\s*application\/cloudevents\+json\s*(;|$)/i.test(contentType))
      throw unsupported('an event format other than JSON');
    if (!/^[^;]*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType))
      throw unsupported('an event with other parameters than charset=utf-8');
    return parseStructured(parseJson(decodeText(request.body, 'utf-8')));
  }
  if (!headers.has('ce-specversion') && !headers.has('ce-id'))
    throw new LakewardenError('event.invalid', 'the request is not a CloudEvent: it has no ce-specversion header');
  return parseBinary(headers, contentType, request.body);
}

/** Reads a CloudEvent in the JSON event format 1.0.2. @throws LakewardenError `event.invalid`. */
export function parseStructured(value: unknown): CloudEventIn {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LakewardenError('event.invalid', 'a structured CloudEvent is a JSON object');
  const { data, data_base64: base64, ...rest } = value as Record<string, unknown>;
  const attributes = new Map<string, string>();
  for (const [key, attribute] of Object.entries(rest))
    if (attribute !== null) attributes.set(key, toText(key, attribute));
  const checked = checkAttributes(attributes);
  if (base64 === undefined || base64 === null) return { ...checked, data };
  if (data !== undefined) throw invalid('data_base64', 'stands beside data');
  return { ...checked, data: readData(checked.datacontenttype, decodeBase64(base64)) };
}

function parseBinary(
  headers: ReadonlyMap<string, string>,
  contentType: string | undefined,
  body: Uint8Array,
): CloudEventIn {
  const attributes = new Map<string, string>();
  for (const [header, value] of headers) {
    if (!header.startsWith('ce-')) continue;
    const attribute = header.slice(3);
    if (attribute === 'datacontenttype') throw invalid(attribute, 'belongs into the content-type header');
    const text = decodeHeaderValue(value);
    if (text === undefined) throw invalid(attribute, 'is not UTF-8 after percent-decoding');
    attributes.set(attribute, text);
  }
  if (contentType !== undefined) attributes.set('datacontenttype', contentType);
  // What is broken in the data may be why nobody took the event, so that of a dead letter is left as it is.
  const data = isDeadLetter(attributes) ? nonEmpty(body) : readData(contentType || undefined, body);
  return { ...checkAttributes(attributes), data };
}

/** True for what Knative's dead letter sinks deliver (knative.dev/eventing, delivery specification). */
function isDeadLetter(attributes: ReadonlyMap<string, string>): boolean {
  return attributes.has('knativeerrordest') || attributes.has('knativeerrorcode');
}

function nonEmpty(body: Uint8Array): Uint8Array | undefined {
  return body.length === 0 ? undefined : body;
}

/** Headers by their lower-case names. A CloudEvents attribute or content type given twice has no meaning, so it is refused. */
function readHeaders(rawHeaders: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const isOurs = name.startsWith('ce-') || name === 'content-type' || name === 'content-encoding';
    if (isOurs && headers.has(name))
      throw new LakewardenError('event.invalid', `the header ${name.slice(0, 64)} comes twice`);
    headers.set(name, (rawHeaders[index + 1] ?? '').trim());
  }
  return headers;
}

function toText(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  // CloudEvents 1.0.2, section 3.1: integers have 32 bits.
  if (typeof value === 'number' && (value | 0) === value) return String(value);
  throw invalid(name, 'is neither a text, a boolean nor a 32-bit integer');
}

function decodeBase64(value: unknown): Uint8Array {
  const isBase64 = typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
  if (!isBase64) throw invalid('data_base64', 'is not base64');
  return Buffer.from(value, 'base64');
}

function unsupported(what: string): LakewardenError {
  return new LakewardenError('event.unsupported', `Lakewarden does not take ${what}`);
}
