import { LakewardenError } from '../errors/error.ts';
import { listRecords, type StoredRecords } from './stored-record.ts';

/** A batch of a log (Kafka protocol guide, record batch, format 2). */
export interface LogBatch {
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly attributes: number;
  readonly producerId: bigint;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly records: StoredRecords;
}

/** What reading batches takes of the client. */
export interface BatchCodec {
  /** The checksum of RFC 3720. */
  readonly crc32c: (bytes: Buffer) => number;
  /** Undoes a compression, by its number in a batch's attributes. @throws for more bytes than `most`, and what is broken */
  readonly decompress: (compression: number, bytes: Buffer, most: number) => Buffer;
}

/** Bytes of a batch when it is no more compressed: brokers limit what is stored, not what comes out of it. */
const mostInflated = 134_217_728;

const headLength = 61;
/** What the length of a batch does not count: its offset and the length itself. */
const uncounted = 12;
const format = 2;
const compressionBits = 0x07;

/**
 * Reads the whole batches at the beginning of what a broker sent; a last one that is cut is left out.
 * @throws kafka.unsupported for formats before Kafka 0.11 and unknown compressions, kafka.damaged for bytes that are not what was
 * written, or become too many
 */
export function readBatches(bytes: Buffer, codec: BatchCodec): LogBatch[] {
  const batches: LogBatch[] = [];
  for (let at = 0; at + headLength <= bytes.length;) {
    const end = at + uncounted + bytes.readInt32BE(at + 8);
    if (end > bytes.length) break;
    batches.push(readBatch(bytes.subarray(at, Math.max(end, at + headLength)), codec));
    at = Math.max(end, at + headLength);
  }
  return batches;
}

function readBatch(bytes: Buffer, codec: BatchCodec): LogBatch {
  const firstOffset = bytes.readBigInt64BE(0);
  if (bytes[16] !== format)
    throw new LakewardenError(
      'kafka.unsupported',
      `the batch at offset ${firstOffset} is of a format before Kafka 0.11`,
    );
  const damaged = (reason: string, cause?: unknown): LakewardenError =>
    new LakewardenError('kafka.damaged', `the batch at offset ${firstOffset} ${reason}`, { cause });
  // The checksum begins behind itself.
  if (codec.crc32c(bytes.subarray(21)) !== bytes.readUInt32BE(17)) throw damaged('is not what was written: CRC-32C');
  const attributes = bytes.readInt16BE(21);
  const compression = attributes & compressionBits;
  let body = bytes.subarray(headLength);
  const count = bytes.readInt32BE(57);
  if (compression !== 0 && count > 0)
    try {
      body = codec.decompress(compression, body, mostInflated);
    } catch (cause) {
      throw damaged(`cannot be decompressed to at most ${mostInflated} bytes`, cause);
    }
  const records = listRecords(body, count);
  if (records === undefined) throw damaged('ends within its records');
  return {
    firstOffset,
    attributes,
    lastOffsetDelta: bytes.readInt32BE(23),
    firstTimestamp: bytes.readBigInt64BE(27),
    maxTimestamp: bytes.readBigInt64BE(35),
    producerId: bytes.readBigInt64BE(43),
    records,
  };
}
