/** Data of an event, of which nothing is known. */
export type Json = unknown;

/** The deepest wrapping that is looked into: a queue around a topic around an event, each as text. */
const deepest = 6;

/** Whether something is an object with keys. */
export function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text at a path, as a list of one; none when there is something else. A number counts as text. */
export function textOf(value: Json, ...path: readonly string[]): string[] {
  const found = follow(value, path);
  return typeof found === 'string' && found !== '' ? [found] : [];
}

/** The list at a path; a lone object counts as a list of it. */
export function listOf(value: Json, ...path: readonly string[]): readonly Json[] {
  const found = follow(value, path);
  if (Array.isArray(found)) return found as readonly Json[];
  return isRecord(found) ? [found] : [];
}

function follow(value: Json, path: readonly string[]): Json {
  let found = value;
  for (const key of path) found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

/** The events of EventBridge in some data: itself, its JSON text, or what SQS (`Records`, `body`) and SNS (`Message`) wrap. */
export function unwrapEvents(data: Json, depth = 0): Readonly<Record<string, Json>>[] {
  if (depth > deepest) return [];
  const inside = (value: Json): Readonly<Record<string, Json>>[] => unwrapEvents(value, depth + 1);
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

function parse(text: string | Uint8Array): Json {
  try {
    const value: unknown = JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString());
    return typeof value === 'object' || typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
