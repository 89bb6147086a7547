import { isError } from '../errors/error.ts';
import { fetchLog } from './fetch.ts';
import { KafkaLink } from './kafka-link.ts';
import { listOffsets, type LogBounds, logBounds } from './log-bounds.ts';
import type { KafkaOptions } from './options.ts';
import { recordsOf, visibleSpans } from './visible-record.ts';

/** A record that readers of committed records see. */
interface VisibleRecord {
  readonly offset: bigint;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** How a range of a log is filled: by a record, by none for sure, or nobody can tell yet. */
export type RangeContent = VisibleRecord | 'empty' | 'unknown';

/** All calls together may take this many times the deadline of one. */
const callsPerAsk = 6;
/** Bytes of one look; a broker sends a longer batch whole. */
const lookBytes = 65_536;
/** Looks into one range: after so many without a visible record it is unknown. */
const looksAtMost = 256;

/** Asks Kafka's brokers what is in the logs of topics. Reads only, joins no group, commits nothing. */
export class KafkaLog {
  readonly #link: KafkaLink;

  constructor(options: KafkaOptions) {
    this.#link = new KafkaLink(options, { totalMs: options.deadlineMs * callsPerAsk });
  }

  /** Requests made so far. */
  get calls(): number {
    return this.#link.calls;
  }

  /**
   * The bounds of a topic's partitions, by their numbers; undefined when there is no such topic.
   * @throws kafka.unavailable, kafka.unauthenticated, kafka.access_denied; so do the other methods
   */
  async bounds(topic: string): Promise<ReadonlyMap<number, LogBounds> | undefined> {
    const partitions = await this.#partitions(topic);
    return partitions && (await logBounds(this.#link, topic, partitions));
  }

  /** For each partition, the offset of its first record at or after a time in milliseconds; none where there is no such record. */
  offsetsAt(topic: string, partitions: readonly number[], time: number): Promise<ReadonlyMap<number, bigint>> {
    return listOffsets(this.#link, topic, partitions, BigInt(time));
  }

  /** What readers of committed records find from `first` to `last`, which lie within the log's bounds. */
  async look(topic: string, partition: number, first: bigint, last: bigint): Promise<RangeContent> {
    let position = first;
    for (let looks = 0; looks < looksAtMost; looks += 1) {
      const place = { topic, partition, offset: position };
      const piece = await fetchLog(this.#link, place, { maxBytes: lookBytes }).catch(unlessGone);
      if (piece === undefined) return 'unknown';
      const spans = visibleSpans(piece.batches, piece.aborted, position);
      for (const { offset, timestamp } of recordsOf(place, spans))
        return offset <= last ? { offset, timestamp: Number(timestamp) } : 'empty';
      const before = position;
      // Where the broker sends nothing, nothing is left below the end of what is decided.
      position = piece.next ?? piece.stable;
      if (position > last) return 'empty';
      if (position <= before || piece.next === undefined) return 'unknown';
    }
    return 'unknown';
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#link.close();
  }

  async #partitions(topic: string): Promise<number[] | undefined> {
    const admin = await this.#link.admin();
    try {
      const ask = () => admin.metadata({ topics: [topic], forceUpdate: true });
      const metadata = await this.#link.call(ask, 'asking for topics');
      return metadata.topics.get(topic)?.partitions.map((_, partition) => partition);
    } catch (error) {
      if (isError(error, 'kafka.not_found')) return undefined;
      throw error;
    }
  }
}

/** A log that was shortened, or whose topic vanished, at this moment. */
function unlessGone(error: unknown): undefined {
  if (!isError(error, 'kafka.out_of_range', 'kafka.not_found')) throw error;
}
