/**
 * The partition that Kafka's Java client chooses for a key, of a topic with `count` partitions: murmur2 with its seed, made
 * positive, modulo the count (org.apache.kafka.common.utils.Utils, BuiltInPartitioner).
 */
export function javaPartition(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fffffff) % count;
}

const seed = 0x9747b28c;
const factor = 0x5bd1e995;

function murmur2(key: Uint8Array): number {
  const whole = key.length & ~3;
  let hash = seed ^ key.length;
  for (let at = 0; at < whole; at += 4) {
    const word = byte(key, at) | (byte(key, at + 1) << 8) | (byte(key, at + 2) << 16) | (byte(key, at + 3) << 24);
    hash = Math.imul(hash, factor) ^ Math.imul(shiftIn(Math.imul(word, factor), 24), factor);
  }
  for (let at = key.length - 1; at >= whole; at -= 1) hash ^= byte(key, at) << (8 * (at - whole));
  if (whole < key.length) hash = Math.imul(hash, factor);
  return shiftIn(Math.imul(shiftIn(hash, 13), factor), 15);
}

function shiftIn(word: number, bits: number): number {
  return word ^ (word >>> bits);
}

function byte(key: Uint8Array, at: number): number {
  return key[at] as number;
}
