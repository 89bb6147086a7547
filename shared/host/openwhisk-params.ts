import { createHash, randomUUID } from 'node:crypto';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn, RawRequest } from './cloud-event.ts';
import { parseJson } from './event-data.ts';
import { parseStructured } from './parse-event.ts';

/** What OpenWhisk hands to an action: the caller's parameters, the bound ones, and its own under `__ow_`. */
export type Params = Readonly<Record<string, unknown>>;

/** Who invoked and when: used where the parameters say nothing. */
export interface Activation {
  /** The action's name, with its namespace and package where OpenWhisk tells them. */
  readonly action: string;
  readonly id: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The action's settings, bound to it. */
const settingsName = 'lakewarden';
/** What `lakewarden openwhisk apply` adds to the payload of an alarm: which trigger fires, and how often at most. */
const tickName = 'lakewardenTick';
/** Files for the action's settings, bound to it. */
export const filesName = 'lakewardenFiles';
const ourNames: readonly string[] = [settingsName, tickName, filesName];

/** Whether the action was called by HTTP, as a web action. */
export function isWebRequest(params: Params): boolean {
  return typeof params['__ow_method'] === 'string';
}

/**
 * The request of a raw web action. One that is not raw mixes what strangers send with the bound settings, so it is refused.
 * @throws LakewardenError `config.invalid`, `event.invalid`.
 */
export function readWebRequest(params: Params): RawRequest {
  const { __ow_method: method, __ow_headers, __ow_body: body, __ow_query: query, __ow_path: path } = params;
  if (typeof query !== 'string')
    throw new LakewardenError('config.invalid', 'the web action is not raw: set its annotation raw-http');
  const headers = Object.entries(isRecord(__ow_headers) ? __ow_headers : {});
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return {
    method: String(method).toUpperCase(),
    url: (typeof path === 'string' && path !== '' ? path : '/') + (query === '' ? '' : `?${query}`),
    rawHeaders: headers.flat().map(String),
    body: readBody(body, typeof type === 'string' && /^text\//i.test(type)),
  };
}

/** OpenWhisk encodes every raw body as base64 except text. */
function readBody(body: unknown, isText: boolean): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string' && isText) return Buffer.from(body);
  const isBase64 = typeof body === 'string' && body.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(body);
  if (!isBase64) throw new LakewardenError('event.invalid', 'the raw body of the web action is not base64');
  return Buffer.from(body, 'base64');
}

/**
 * The event of an invocation: parameters that are a structured CloudEvent are taken as one, `messages` come from the Kafka
 * feed, anything else is a tick of the alarms feed, and is given the type of Knative's tick, so that a function knows one.
 * @throws LakewardenError `event.invalid`.
 */
export function readInvocation(params: Params, activation: Activation): CloudEventIn {
  const own = Object.fromEntries(
    Object.entries(params).filter(([key]) => !key.startsWith('__ow_') && !ourNames.includes(key)),
  );
  if ('specversion' in own) return parseStructured(own);
  const common = { specversion: '1.0', source: sourceOf(activation), extensions: {} } as const;
  if ('messages' in own) {
    const data = own['messages'];
    return { ...common, id: nameMessages(data), type: 'org.apache.openwhisk.kafka.messages', data };
  }
  const tick = nameTick(params[tickName], activation);
  return { ...common, ...tick, type: 'dev.knative.sources.ping', data: own };
}

/**
 * The CloudEvents that a batch of the Kafka feed carries as values, each to be read by itself; undefined for an invocation by
 * something else. @throws LakewardenError `event.invalid` for a batch that is none.
 */
export function readMessages(params: Params): (() => CloudEventIn)[] | undefined {
  if ('specversion' in params || !('messages' in params)) return undefined;
  const { messages } = params;
  if (!Array.isArray(messages) || messages.length === 0)
    throw new LakewardenError('event.invalid', 'messages of the Kafka feed are a list that is not empty');
  return messages.map((message: unknown) => () => {
    const value = isRecord(message) ? message['value'] : undefined;
    return parseStructured(typeof value === 'string' ? parseJson(value) : value);
  });
}

/** The settings that are bound to the action. @throws LakewardenError `config.invalid` when they are no object. */
export function readBoundSettings(params: Params): Record<string, unknown> {
  const bound = params[settingsName] ?? {};
  if (!isRecord(bound)) throw new LakewardenError('config.invalid', `the parameter ${settingsName} is not an object`);
  return bound;
}

/** Whether a value is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sourceOf({ action }: Activation): string {
  return `/openwhisk/${action.split('/').filter(Boolean).map(encodeURIComponent).join('/')}`;
}

/**
 * The alarms feed sends no time and no id, and each delivery has an activation of its own. A tick whose payload names its
 * trigger and the seconds between ticks has a name that follows from them, so that a tick delivered twice is one event.
 */
function nameTick(tick: unknown, { id, now }: Activation): { id: string; time?: string } {
  if (tick === undefined) return { id: id ?? randomUUID() };
  const { trigger, seconds } = isRecord(tick) ? tick : {};
  const isName = typeof trigger === 'string' && /^[^\p{Cc}]{1,256}$/u.test(trigger);
  if (!isName || (seconds !== 1 && seconds !== 60))
    throw new LakewardenError('event.invalid', `${tickName} names no trigger, or other seconds than 1 and 60`);
  const time = new Date(Math.floor(now / (seconds * 1_000)) * seconds * 1_000).toISOString();
  return { id: `${trigger}/${time}`, time };
}

/** A name that follows from where the messages lie, so that a repeated delivery has the same one. */
function nameMessages(messages: unknown): string {
  if (!Array.isArray(messages)) throw new LakewardenError('event.invalid', 'messages of the Kafka feed are an array');
  const places = messages.map((message: unknown) => {
    const { topic, partition, offset } = isRecord(message) ? message : {};
    return [topic, partition, offset];
  });
  return `messages-${createHash('sha256').update(JSON.stringify(places)).digest('hex').slice(0, 32)}`;
}
