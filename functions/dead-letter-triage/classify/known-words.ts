import type { LetterClass } from './classes.ts';

/** Phrases of messages, in lower case; the one that stands first decides. */
const phrases = new Map<string, LetterClass>([
  ['too many requests', 'transient.throttled'],
  ['rate limit', 'transient.throttled'],
  ['timed out', 'transient.timeout'],
  ['deadline exceeded', 'transient.timeout'],
  ['connection refused', 'transient.unavailable'],
  ['econnrefused', 'transient.unavailable'],
  ['econnreset', 'transient.unavailable'],
  ['etimedout', 'transient.timeout'],
  ['connection reset', 'transient.unavailable'],
  ['broken pipe', 'transient.unavailable'],
  ['no such host', 'transient.unavailable'],
  ['service unavailable', 'transient.unavailable'],
  ['temporarily unavailable', 'transient.unavailable'],
  ['deadlock detected', 'transient.fenced'],
  ['could not serialize access', 'transient.fenced'],
  ['unique constraint', 'sink.constraint'],
  ['duplicate key', 'sink.constraint'],
  ['foreign key constraint', 'sink.constraint'],
  ['not-null constraint', 'sink.constraint'],
  ['permission denied', 'authorisation'],
  ['access denied', 'authorisation'],
  ['unauthorized', 'authorisation'],
  ['not authorized', 'authorisation'],
  ['message is too large', 'oversized'],
  ['larger than max', 'oversized'],
  ['unknown magic byte', 'undecodable.magic'],
  ['error retrieving avro schema', 'undecodable.schema_id'],
  ['schema not found', 'undecodable.schema_id'],
  ['unexpected end of json', 'undecodable.json'],
  ['unexpected end-of-input', 'undecodable.json'],
  ['unexpected token', 'undecodable.json'],
  ['unrecognized token', 'undecodable.json'],
  ['unexpected character', 'undecodable.json'],
  ['does not exist', 'sink.not_found'],
]);
/** All phrases at once: plain words, so that the search takes one pass. */
const anyPhrase = new RegExp([...phrases.keys()].join('|'), 'i');

/** Characters of a message that are searched. */
const mostSearched = 4_096;

/** What a message says, whatever threw it; undefined when it says nothing known. */
export function classOfMessage(message: string): LetterClass | undefined {
  const [found] = anyPhrase.exec(message.slice(0, mostSearched)) ?? [];
  return found === undefined ? undefined : phrases.get(found.toLowerCase());
}

/** What the status of an HTTP answer says; undefined for other codes. */
export function classOfStatus(code: string): LetterClass | undefined {
  if (code === '408' || code === '504') return 'transient.timeout';
  if (code === '429') return 'transient.throttled';
  if (code === '401' || code === '403') return 'authorisation';
  if (code === '404' || code === '410') return 'sink.not_found';
  if (code === '413') return 'oversized';
  if (/^5\d\d$/.test(code)) return 'transient.unavailable';
  return undefined;
}

/** Steps of Kafka Connect, in which something nameless failed. */
const stages = new Map<string, LetterClass>([
  ['KEY_CONVERTER', 'undecodable.other'],
  ['VALUE_CONVERTER', 'undecodable.other'],
  ['HEADER_CONVERTER', 'undecodable.other'],
  ['TRANSFORMATION', 'transform_failed'],
  ['TASK_PUT', 'sink.other'],
  ['KAFKA_PRODUCE', 'sink.other'],
  ['deserializationError', 'undecodable.other'],
  ['serializationError', 'transform_failed'],
  ['recordProcessingError', 'transform_failed'],
  ['productionError', 'sink.other'],
  ['key', 'undecodable.other'],
]);

/** What the step that failed says; undefined for steps that are not known. */
export function classOfStage(stage: string): LetterClass | undefined {
  return stages.get(stage);
}
