import { isRecord } from '../wire.ts';

/** The deepest wrapping that is looked into: a queue around a topic around an event, each as text. */
const deepest = 6;

/** The events of EventBridge in some data: itself, its JSON text, or what SQS (`Records`, `body`) and SNS (`Message`) wrap. */
export function unwrapEvents(data: unknown, depth = 0): Readonly<Record<string, unknown>>[] {
  if (depth > deepest) return [];
  const inside = (value: unknown): Readonly<Record<string, unknown>>[] => unwrapEvents(value, depth + 1);
  if (typeof data === 'string' || data instanceof Uint8Array) {
    const parsed = parse(data);
    return parsed === undefined ? [] : inside(parsed);
  }
  if (Array.isArray(data)) return data.flatMap((each) => inside(each));
  if (!isRecord(data)) return [];
  if (typeof data['detail-type'] === 'string') return [data];
  return ['Records', 'Messages', 'body', 'Body', 'Message', 'data'].flatMap((key) =>
    Object.hasOwn(data, key) ? inside(data[key]) : [],
  );
}

function parse(text: string | Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString());
    return typeof value === 'object' || typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
