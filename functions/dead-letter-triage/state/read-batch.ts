import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { listOffsets, logBounds, type LogBounds } from '#shared/kafka/log-bounds.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader, type SpanPiece } from '#shared/kafka/record-reader.ts';
import { offsetOf, recordsOf, type RecordSpan } from '#shared/kafka/visible-record.ts';
import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import type { LogPlace } from './state-record.ts';

/** Letters that are worked on together. */
export interface Batch extends OffsetRange {
  /** How many there are. */
  readonly letters: number;
  /** Each is read from the bytes of the log when its turn comes. */
  readonly records: Iterable<KafkaRecord>;
  /** Offsets whose records retention deleted before anybody read them. */
  readonly lost: bigint;
}

/** How large a batch may be; one record alone may be larger. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
}

/** What reading needs. */
export interface Reading {
  readonly link: KafkaLink;
  readonly limits: BatchLimits;
  readonly signal?: AbortSignal | undefined;
}

/** The bounds of a partition's log. */
export async function boundsOf({ topic, partition }: LogPlace, { link, signal }: Reading): Promise<LogBounds> {
  const bounds = await logBounds(link, topic, [partition], { signal });
  return bounds.get(partition) ?? { earliest: 0n, end: 0n };
}

/** The offset below which all of a partition is decided: committed or aborted. */
export async function stableEndOf({ topic, partition }: LogPlace, { link, signal }: Reading): Promise<bigint> {
  const ends = await listOffsets(link, topic, [partition], 'stable', { signal });
  return ends.get(partition) ?? 0n;
}

/**
 * The batch that somebody has begun, if it is one of this log: it begins at the position, which is committed with it, or without one yet
 * where the log began. Any other was begun in a log that is gone: whoever deletes a topic deletes its positions, but not our state.
 */
export function begunBatch(
  batch: OffsetRange | undefined,
  position: bigint | undefined,
  { earliest, end }: LogBounds,
): OffsetRange | undefined {
  if (batch === undefined || batch.last >= end) return undefined;
  const isOfLog = position === undefined ? batch.first <= earliest : batch.first === position;
  return isOfLog ? batch : undefined;
}

/** Reads exactly a range; undefined when nothing can be read yet. */
export async function readRange(
  place: LogPlace,
  { first, last }: OffsetRange,
  reading: Reading,
): Promise<Batch | undefined> {
  const spans: RecordSpan[] = [];
  let [next, lost] = [first, 0n];
  for await (const piece of readPieces(place, first, last + 1n, reading)) {
    lost += lengthOf(piece.gap);
    next = piece.next;
    spans.push(...piece.spans);
  }
  return next > first ? batchOf(place, { first, last }, spans, lost) : undefined;
}

/** Cuts a log into batches from any offset on and below an end. What was fetched beyond a batch is there for the next one. */
export class BatchSource {
  readonly #place: LogPlace;
  readonly #end: bigint;
  readonly #reading: Reading;
  #pieces: AsyncGenerator<SpanPiece, void> | undefined;
  /** What is left of the piece that was fetched last. */
  #spans: RecordSpan[] = [];
  /** Where that piece ends, and where the next batch begins unless it is wanted elsewhere. */
  #pieceEnd = -1n;
  #next = -1n;

  constructor(place: LogPlace, end: bigint, reading: Reading) {
    this.#place = place;
    this.#end = end;
    this.#reading = reading;
  }

  /** The next batch from an offset on, as long as the limits allow; undefined when nothing can be read yet. */
  async take(first: bigint): Promise<Batch | undefined> {
    if (first >= this.#end) return undefined;
    if (first !== this.#next) this.#startAt(first);
    const room = new Room(this.#reading.limits);
    const spans: RecordSpan[] = [];
    let lost = 0n;
    for (;;) {
      const cut = this.#fill(room, spans);
      this.#next = cut ?? this.#pieceEnd;
      if (cut !== undefined || room.isFull) break;
      this.#pieces ??= readPieces(this.#place, this.#next, this.#end, this.#reading);
      const { value: piece } = await this.#pieces.next();
      if (piece === undefined) {
        // More may be decided when it is asked for again.
        this.#pieces = undefined;
        break;
      }
      lost += lengthOf(piece.gap);
      this.#spans = [...piece.spans];
      this.#pieceEnd = piece.next;
    }
    return this.#next > first ? batchOf(this.#place, { first, last: this.#next - 1n }, spans, lost) : undefined;
  }

  #startAt(first: bigint): void {
    this.#pieces = undefined;
    this.#spans = [];
    this.#pieceEnd = first;
  }

  /** Moves what there is room for; the offset of the first record that is left, if one is. */
  #fill(room: Room, spans: RecordSpan[]): bigint | undefined {
    for (let span = this.#spans.shift(); span !== undefined; span = this.#spans.shift()) {
      const { batch, start, end } = span;
      let cut = start;
      while (cut < end && room.takes(batch.records.size(cut))) cut += 1;
      if (cut > start) spans.push({ batch, start, end: cut });
      if (cut === end) continue;
      this.#spans.unshift({ batch, start: cut, end });
      return offsetOf(batch, cut);
    }
    return undefined;
  }
}

/** What is left of the limits of a batch. */
class Room {
  #records: number;
  #bytes: number;

  constructor({ records, bytes }: BatchLimits) {
    this.#records = records;
    this.#bytes = bytes;
  }

  get isFull(): boolean {
    return this.#records <= 0 || this.#bytes <= 0;
  }

  /** Takes a record unless the limits were reached before. */
  takes(size: number): boolean {
    if (this.isFull) return false;
    this.#records -= 1;
    this.#bytes -= size;
    return true;
  }
}

function readPieces({ topic, partition }: LogPlace, first: bigint, end: bigint, { link, limits, signal }: Reading) {
  const maxBytes = Math.min(limits.bytes, 1 << 20);
  const options = signal === undefined ? { maxBytes } : { maxBytes, signal };
  return new RecordReader(link).readSpans(topic, partition, first, end, options);
}

function lengthOf(gap: OffsetRange | undefined): bigint {
  return gap === undefined ? 0n : gap.last - gap.first + 1n;
}

function batchOf(place: LogPlace, range: OffsetRange, spans: readonly RecordSpan[], lost: bigint): Batch {
  return {
    ...range,
    lost,
    letters: spans.reduce((sum, { start, end }) => sum + end - start, 0),
    records: { [Symbol.iterator]: () => recordsOf(place, spans) },
  };
}
