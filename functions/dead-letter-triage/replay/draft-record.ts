import { javaPartition } from '#shared/kafka/java-partition.ts';
import type { KafkaHeader } from '#shared/kafka/record.ts';
import type { TopicLimits } from '#shared/kafka/topic-limits.ts';
import { firstOrigin, type Letter, missingReasons } from '../letter/letter.ts';
import { readHeaders, stripFamilies } from '../letter/read-headers.ts';
import { formatPlace, replayHeaders } from '../letter/replay-headers.ts';
import { originalTime } from './letter-facts.ts';
import type { Replay } from './plan-schema.ts';
import { Refusal } from '../transform/refusal.ts';
import { transformRecord, type TransformSchemas } from '../transform/transform-record.ts';

/** What is known of a topic that is written to. */
export interface Target {
  readonly partitions: number;
  readonly limits: Pick<
    TopicLimits,
    'compacts' | 'deletes' | 'retentionMs' | 'timestampType' | 'oldestMs' | 'youngestMs' | 'maxBatchBytes'
  >;
}

/** A record as a plan would write it. */
export interface RecordDraft {
  readonly topic: string;
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly KafkaHeader[];
  /** In milliseconds; `now` is the moment of writing. */
  readonly timestamp: bigint | 'now';
  /** True when the record had headers that nobody kept. */
  readonly headersLost: boolean;
}

/** What drafting needs beside the letter. */
export interface DraftTools {
  readonly replay: Replay;
  readonly plan: string;
  /** When the plan was made, in milliseconds. */
  readonly at: number;
  readonly schemas: TransformSchemas;
  /** Names of headers that are declared to tell of the failure. */
  readonly declaredHeaders: readonly string[];
}

/** The key and value that failed. @throws Refusal when they are not there, or not exactly */
export function failedBytes(letter: Letter, inexact: boolean): { key: Uint8Array | null; value: Uint8Array | null } {
  const { record, payload } = letter;
  if (payload.kind === 'elsewhere') {
    const { missing = 'untold' } = payload;
    throw new Refusal(`the letter is only a pointer, and its record ${missingReasons[missing]}`);
  }
  if (!inexact && lacksHeaders(letter)) throw new Refusal('the headers of its record are lost: the original is gone');
  if (payload.kind === 'record') return { key: record.key, value: record.value };
  if (payload.value === undefined) throw new Refusal('the letter does not hold the value that failed');
  if (!inexact && (!payload.isExact || letter.hops[0]?.family === 'ksqldb'))
    throw new Refusal('the letter does not hold the original bytes exactly');
  return { key: payload.key === undefined ? record.key : payload.key, value: payload.value };
}

/** Drafts what replaying a letter for the `count`th time writes. Pure. @throws Refusal when that cannot be */
export function draftRecord(
  letter: Letter,
  topic: string,
  target: Target,
  count: number,
  tools: DraftTools,
): RecordDraft {
  const { replay, plan, declaredHeaders } = tools;
  const { key, value: failed } = failedBytes(letter, replay.inexact);
  const declared = new Set(declaredHeaders);
  const own = stripFamilies(letter.record.headers).filter(([name]) => !declared.has(String(Buffer.from(name))));
  const { value, headers } = transformRecord({ value: failed, headers: own }, replay.transforms, tools.schemas);
  const time = originalTime(letter);
  const isKept = replay.timestamps === 'keep' && keepsTime(time, tools.at, target);
  const added: [string, string][] = [
    [replayHeaders.id, plan],
    [replayHeaders.count, String(count)],
    [replayHeaders.origin, formatPlace(letter.record)],
  ];
  if (!isKept) added.push([replayHeaders.timestamp, String(time)]);
  return {
    topic,
    partition: choosePartition(letter, key, topic, target.partitions, replay),
    key,
    value,
    headers: [...headers, ...added.map(([name, text]): KafkaHeader => [Buffer.from(name), Buffer.from(text)])],
    timestamp: isKept ? time : 'now',
    headersLost: lacksHeaders(letter),
  };
}

/** What is left of a share group's letter is its copy of key and value, when the original is not there any more. */
function lacksHeaders({ record, hops, payload }: Letter): boolean {
  if (payload.kind !== 'record' || !hops.some(({ family }) => family === 'share-group')) return false;
  return readHeaders(record.headers).some(({ hop }) => hop.family === 'share-group');
}

/** A record must not be deleted soon after it was written: half of the retention is left to it, at least. */
function keepsTime(time: bigint, at: number, { limits }: Target): boolean {
  const age = BigInt(at) - time;
  const { retentionMs, oldestMs, youngestMs } = limits;
  if (time < 0n || limits.timestampType === 'append') return false;
  if (limits.deletes && retentionMs !== undefined && age > retentionMs / 2n) return false;
  return !(oldestMs !== undefined && age > oldestMs / 2n) && !(youngestMs !== undefined && -age > youngestMs);
}

function choosePartition(letter: Letter, key: Uint8Array | null, topic: string, count: number, { to }: Replay): number {
  const origin = firstOrigin(letter);
  const way = to.partition ?? (origin?.topic === topic ? 'original' : 'key');
  if (way === 'original') {
    if (origin?.partition === undefined) throw new Refusal('the letter does not tell the partition it came from');
    if (origin.partition >= count) throw new Refusal(`${topic} has no partition ${origin.partition}`);
    return origin.partition;
  }
  if (key !== null) return javaPartition(key, count);
  // Records without a key have no order; the same letter goes to the same partition each time.
  return Number(letter.record.offset % BigInt(count));
}
