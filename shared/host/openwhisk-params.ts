import { createHash, randomUUID } from 'node:crypto';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn, RawRequest } from './cloud-event.ts';
import { parseStructured } from './parse-event.ts';

/** What OpenWhisk hands to an action: the caller's parameters, the bound ones, and its own under `__ow_`. */
export type Params = Readonly<Record<string, unknown>>;

/** Who invoked: used where the parameters say nothing. */
export interface Activation {
  readonly action: string;
  readonly id: string | undefined;
}

/** The request of a raw web action; `undefined` for any other invocation. */
export function readWebRequest(params: Params): RawRequest | undefined {
  const { __ow_method: method, __ow_headers, __ow_body: body, __ow_query: query, __ow_path: path } = params;
  if (typeof method !== 'string') return undefined;
  const headers = (__ow_headers ?? {}) as Record<string, string>;
  // OpenWhisk encodes every raw body as base64 except text.
  const encoding = /^text\//i.test(headers['content-type'] ?? '') ? 'utf8' : 'base64';
  const search = typeof query === 'string' && query !== '' ? `?${query}` : '';
  return {
    method: method.toUpperCase(),
    url: (typeof path === 'string' && path !== '' ? path : '/') + search,
    rawHeaders: Object.entries(headers).flat().map(String),
    body: Buffer.from(typeof body === 'string' ? body : '', encoding),
  };
}

/**
 * The event of an invocation: parameters that are a structured CloudEvent are taken as one, `messages` come from the Kafka
 * feed, anything else is a tick of the alarms feed, and is given the type of Knative's tick, so that a function knows one.
 * @throws LakewardenError `event.invalid`.
 */
export function readInvocation(params: Params, { action, id }: Activation): CloudEventIn {
  const own = Object.fromEntries(
    Object.entries(params).filter(([key]) => !key.startsWith('__ow_') && key !== 'lakewarden'),
  );
  if ('specversion' in own) return parseStructured(own);
  const common = { specversion: '1.0', source: `/openwhisk/${encodeURIComponent(action)}`, extensions: {} } as const;
  if ('messages' in own)
    return {
      ...common,
      id: nameMessages(own['messages']),
      type: 'org.apache.openwhisk.kafka.messages',
      data: own['messages'],
    };
  return { ...common, id: id ?? randomUUID(), type: 'dev.knative.sources.ping', data: own };
}

/** A name that follows from where the messages lie, so that a repeated delivery has the same one. */
function nameMessages(messages: unknown): string {
  if (!Array.isArray(messages)) throw new LakewardenError('event.invalid', 'messages of the Kafka feed are an array');
  const places = messages.map((message: unknown) => {
    const { topic, partition, offset } = (message ?? {}) as Record<string, unknown>;
    return [topic, partition, offset];
  });
  return `messages-${createHash('sha256').update(JSON.stringify(places)).digest('hex').slice(0, 32)}`;
}
