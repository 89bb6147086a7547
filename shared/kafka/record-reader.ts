import { setTimeout as sleep } from 'node:timers/promises';
import { isError, LakewardenError } from '../errors/error.ts';
import type { OffsetRange } from '../lake/offset-ranges.ts';
import { fetchLog, type LogPiece, type LogPosition } from './fetch.ts';
import type { KafkaLink } from './kafka-link.ts';
import type { KafkaRecord } from './record.ts';
import { logBounds } from './log-bounds.ts';
import { recordsOf, type RecordSpan, visibleSpans } from './visible-record.ts';

/** A piece of a partition's log as readers of committed records see it. */
export interface ReadPiece {
  /** May be none: markers and aborted records take offsets, too. */
  readonly records: readonly KafkaRecord[];
  /** The position after this piece; everything below it is in this piece or an earlier one, is no record, or is in a gap. */
  readonly next: bigint;
  /** Offsets whose records retention deleted before they were read. */
  readonly gap?: OffsetRange;
}

/** The same before its records are read. */
export interface SpanPiece extends Omit<ReadPiece, 'records'> {
  readonly spans: readonly RecordSpan[];
}

/** How to read. */
export interface ReadOptions {
  /** Bytes of a log wanted at once, as they are stored; a longer batch comes whole. 1 MiB unless said. */
  readonly maxBytes?: number;
  /** How long to try again when brokers are in trouble, in milliseconds, from the last answer on; a minute unless said. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

const firstPauseMs = 50;
const longestPauseMs = 2_000;
/** Bytes with which a broker must say again that nothing is left. */
const secondLookBytes = 16_777_216;

/** Reads logs by position, without a group; several partitions at once, if wanted, each by a call of its own. */
export class RecordReader {
  readonly #link: KafkaLink;

  constructor(link: KafkaLink) {
    this.#link = link;
  }

  /**
   * The records of a partition from an offset on and below `to`, or below what was decided (committed or aborted) when the
   * reading began; no piece when there is nothing. Follows the leader when it moves, and waits for brokers that are gone.
   * @throws kafka.out_of_range when the log ends before `from`, kafka.not_found when the topic is not there or was made anew
   * meanwhile, kafka.unavailable, kafka.unauthenticated, kafka.access_denied, kafka.unsupported
   */
  async *read(
    topic: string,
    partition: number,
    from: bigint,
    to?: bigint,
    options: ReadOptions = {},
  ): AsyncGenerator<ReadPiece, void> {
    const place = { topic, partition };
    for await (const { spans, ...piece } of this.readSpans(topic, partition, from, to, options))
      yield { ...piece, records: [...recordsOf(place, spans)] };
  }

  /** The same for those who look at one record after the other, and hold none. */
  async *readSpans(
    topic: string,
    partition: number,
    from: bigint,
    to?: bigint,
    options: ReadOptions = {},
  ): AsyncGenerator<SpanPiece, void> {
    const { maxBytes = 1_048_576 } = options;
    let position = from;
    let end = to;
    let isEndKnown = false;
    let topicId: string | undefined;
    while (end === undefined || position < end) {
      const place = { topic, partition, offset: position };
      const fetched = await this.#fetch(place, maxBytes, options);
      if ('earliest' in fetched) {
        const next = minimum(fetched.earliest, end);
        yield { spans: [], next, gap: { first: position, last: next - 1n } };
        position = next;
        continue;
      }
      if (topicId !== undefined && topicId !== fetched.topicId)
        throw new LakewardenError('kafka.not_found', `Kafka: topic ${topic} was deleted and made anew`);
      topicId = fetched.topicId;
      if (!isEndKnown) end = minimum(fetched.stable, end);
      isEndKnown = true;
      if (end === undefined || position >= end) return;
      const piece = fetched.next === undefined ? await this.#lookAgain(place, options) : fetched;
      const next = minimum(piece.next ?? end, end);
      if (next <= position) throw new LakewardenError('kafka.protocol', `Kafka: ${topic}-${partition} does not go on`);
      yield { spans: visibleSpans(piece.batches, piece.aborted, position, end), next };
      position = next;
    }
  }

  /** A broker that sends no batch says that nothing is left below the end; it is asked twice, since records depend on it. */
  async #lookAgain(place: LogPosition, options: ReadOptions): Promise<LogPiece> {
    const piece = await this.#fetch(place, secondLookBytes, options);
    if ('earliest' in piece)
      throw new LakewardenError('kafka.unavailable', `Kafka: records of ${place.topic} were deleted at this moment`);
    return piece;
  }

  async #fetch(
    place: LogPosition,
    maxBytes: number,
    { patienceMs = 60_000, signal }: ReadOptions,
  ): Promise<LogPiece | { readonly earliest: bigint }> {
    const until = performance.now() + patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const piece = await fetchLog(this.#link, place, { maxBytes, signal, fresh: attempt > 0 });
        if (piece !== undefined) return piece;
        if (performance.now() >= until)
          throw new LakewardenError('kafka.unavailable', 'Kafka: the brokers throttle us');
      } catch (error) {
        if (isError(error, 'kafka.out_of_range')) return await this.#findStart(place, signal);
        if (!isError(error, 'kafka.unavailable') || performance.now() >= until) throw error;
      }
      const pause = Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
      await sleep(pause, undefined, signal === undefined ? {} : { signal });
    }
  }

  async #findStart({ topic, partition, offset }: LogPosition, signal: AbortSignal | undefined) {
    const bounds = await logBounds(this.#link, topic, [partition], { signal });
    const { earliest = 0n, end = 0n } = bounds.get(partition) ?? {};
    if (offset >= earliest)
      throw new LakewardenError(
        'kafka.out_of_range',
        `Kafka: ${topic}-${partition} ends at ${end}, before offset ${offset}`,
      );
    return { earliest };
  }
}

function minimum(a: bigint, b: bigint | undefined): bigint {
  return b === undefined || a < b ? a : b;
}
