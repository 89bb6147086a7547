import { gunzipSync, zstdDecompressSync } from 'node:zlib';

/** Ways to undo the compressions that Node has not. */
export interface ForeignCompressions {
  readonly snappy: (bytes: Buffer) => Buffer;
  readonly lz4: (bytes: Buffer) => Buffer;
}

/**
 * Undoes a compression of a batch, by its number (Kafka protocol guide, record batch, attributes).
 * @throws an error for what is broken, and before anything is made of it for what would become more than `most` bytes
 */
export function decompress(
  compression: number,
  bytes: Buffer,
  most: number,
  { snappy, lz4 }: ForeignCompressions,
): Buffer {
  if (compression === 1) return gunzipSync(bytes, { maxOutputLength: most });
  if (compression === 4) return zstdDecompressSync(bytes, { maxOutputLength: most });
  if (compression === 3) {
    refuseBeyond(most, lz4Bound(bytes));
    return lz4(bytes);
  }
  if (compression !== 2) throw new RangeError(`the compression ${compression} is unknown`);
  const chunks = snappyChunks(bytes);
  refuseBeyond(
    most,
    chunks.reduce((sum, chunk) => sum + snappyLength(chunk), 0),
  );
  const parts = chunks.map(snappy);
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}

function refuseBeyond(most: number, length: number): void {
  if (length > most) throw new RangeError(`it becomes up to ${length} bytes`);
}

/** The frame that Java clients put around blocks of Snappy (xerial): a magic number, two versions, then blocks with their lengths. */
const javaSnappy = Buffer.from('82534e4150505900', 'hex');
const javaSnappyHead = 16;

function snappyChunks(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, javaSnappy.length).equals(javaSnappy)) return [bytes];
  const chunks: Buffer[] = [];
  for (let at = javaSnappyHead; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new RangeError('a block of Snappy is cut');
    chunks.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return chunks;
}

/** A block of Snappy begins with its length, in 7 bits each, the lowest first. */
function snappyLength(chunk: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = chunk[index] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  return length;
}

/** One byte of LZ4 stands for 255 at most. */
const lz4Most = 255;

/** How long a frame of LZ4 may become: no block is longer than its head allows (LZ4 frame format, BD byte, data blocks). */
function lz4Bound(bytes: Buffer): number {
  const flags = bytes[4] ?? 0;
  const blockMost = 2 ** (8 + 2 * (((bytes[5] ?? 0) >> 4) & 7));
  let bound = 0;
  for (let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4); at + 4 <= bytes.length;) {
    const length = bytes.readUInt32LE(at) & 0x7fffffff;
    if (length === 0) break;
    bound += Math.min(blockMost, length * lz4Most);
    at += 4 + length + ((flags & 0x10) === 0 ? 0 : 4);
  }
  return bound;
}
