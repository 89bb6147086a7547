import { asBuffer } from '../bytes.ts';
import { draftHop, type Hop } from '../hop.ts';
import { member, parseJson, textOf } from '../json-value.ts';

const kinds = ['deserializationError', 'recordProcessingError', 'productionError', 'serializationError'];
/** The log's own records are small; what is larger is something else. */
const largest = 1_048_576;

/** What a record of ksqlDB's processing log tells: the hop, and the bytes that could not be read where it has them. */
export interface ProcessingError {
  readonly hop: Hop;
  readonly key?: Buffer;
  readonly value?: Buffer;
  /** False when the log has the row as text instead of its bytes. */
  readonly isExact: boolean;
}

/** Reads a record of ksqlDB's processing log (JSON with level, logger, time, and one kind of message). */
export function readKsqldb(value: Uint8Array | null): ProcessingError | undefined {
  if (value === null || value.length > largest || value[0] !== 0x7b) return undefined;
  const bytes = asBuffer(value);
  if (!bytes.includes('"logger"') || !bytes.includes('Error"')) return undefined;
  const record = parseJson(bytes);
  const message = member(record, 'message');
  const kind = kinds.find((name) => typeof member(message, name) === 'object' && member(message, name) !== null);
  const logger = textOf(member(record, 'logger'));
  if (kind === undefined || logger === undefined) return undefined;
  const error = member(message, kind);
  const hop = draftHop('ksqldb', 'failure');
  hop.component = logger;
  hop.stage = kind;
  hop.error.message = textOf(member(error, 'errorMessage')) ?? null;
  const topic = textOf(member(error, 'topic'));
  if (topic !== undefined) hop.origin.topic = topic;
  const causes = member(error, 'cause');
  const root = Array.isArray(causes) ? textOf(causes.at(-1)) : undefined;
  if (root !== undefined) hop.error.rootMessage = root;
  const time = member(record, 'time');
  if (typeof time === 'number' && Number.isSafeInteger(time)) hop.failedAt = BigInt(time);
  const level = textOf(member(record, 'level'));
  if (level !== undefined) hop.extras['level'] = level;
  const target = textOf(member(error, 'target'));
  if (target !== undefined) hop.extras['target'] = target;
  const raw = textOf(member(error, 'recordB64'));
  const row = textOf(member(error, 'record'));
  if (raw === undefined)
    return row === undefined ? { hop, isExact: true } : { hop, value: Buffer.from(row), isExact: false };
  const bytesOfRecord = Buffer.from(raw, 'base64');
  return target?.toLowerCase() === 'key'
    ? { hop, key: bytesOfRecord, isExact: true }
    : { hop, value: bytesOfRecord, isExact: true };
}
