import { toJson } from '#shared/events/json.ts';
import type { Answer } from './answer.ts';
import { isRecord } from './openwhisk-params.ts';

/** Bytes of a result that OpenWhisk keeps (limit of 1 MB, with room for what it adds); it cuts larger ones anywhere. */
const mostBytes = 1_000_000;

/** An answer to an event, as its action shows it. */
export type Result = Readonly<Record<string, unknown>>;

/** The result of an invocation: the answer's body, its lists counted when OpenWhisk would not keep it whole. */
export function toResult({ body }: Answer): Result {
  return fit(JSON.parse(body) as Result);
}

/** The answer of a web action, whose body is held to the same limit. */
export function toWebResult({ statusCode, headers, body }: Answer): Result {
  const isLarge = Buffer.byteLength(JSON.stringify(body)) > mostBytes - 2_000;
  return { statusCode, headers, body: isLarge ? toJson(fit(JSON.parse(body) as Result)) : body };
}

const worstFirst = ['partial', 'planned', 'done', 'nothing'];

/** The one result of several events; an error when one failed, which names each that did, by its place among the messages. */
export function joinResults(results: readonly Result[]): Result {
  const [first] = results;
  if (results.length === 1 && first !== undefined) return first;
  const failed = results.flatMap(({ error }, index) => (isRecord(error) ? [{ at: index, ...error }] : []));
  const counts = { messages: results.length, failed: failed.length };
  if (failed.length > 0) {
    const { code } = failed[0] as { code?: unknown };
    const message = `${failed.length} of ${results.length} messages failed`;
    return fit({ error: { code, message, ...counts, failures: failed } });
  }
  const statuses = new Set(results.map(({ status }) => status));
  const status = worstFirst.find((one) => statuses.has(one));
  return fit({ function: first?.['function'], status, result: { ...counts, results } });
}

function fit(result: Result): Result {
  const bytes = sizeOf(result);
  if (bytes <= mostBytes) return result;
  const cut = `the result had ${bytes} bytes: lists are counted`;
  const counted = { ...(countLists(result) as Result), cut };
  if (sizeOf(counted) <= mostBytes) return counted;
  const { function: name, status, error } = result;
  const { code } = isRecord(error) ? error : {};
  return {
    function: name,
    status,
    cut: `the result had ${bytes} bytes`,
    ...(error === undefined ? {} : { error: { code } }),
  };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(toJson(value));
}

function countLists(value: unknown): unknown {
  if (Array.isArray(value)) return { count: value.length };
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, countLists(inner)]));
}
