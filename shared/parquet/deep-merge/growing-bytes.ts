/** Bytes that grow, in memory that is used again. */
export class GrowingBytes {
  bytes = new Uint8Array(4096);
  length = 0;

  /** Makes room for more bytes; `bytes` may be other memory afterwards. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, Math.ceil(needed / 4096) * 4096));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was appended so far; not a copy. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
