/** Takes the bytes of a file in order. */
export interface Sink {
  /** The bytes are the sink's until the promise is fulfilled, and are used again afterwards. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Bytes that are handed to the sink at once. */
const handful = 4 * 1024 * 1024;

/** Collects bytes for a sink and knows where in the file they stand. */
export class Output {
  /** Where the next byte will stand in the file. */
  position: number;
  readonly #sink: Sink;
  #bytes = new Uint8Array(handful + handful / 4);
  #length = 0;

  constructor(sink: Sink, position: number) {
    this.#sink = sink;
    this.position = position;
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(this.#length + bytes.length);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    this.position += bytes.length;
  }

  /** Hands over what was collected, when it is worth it. Must be awaited now and then: memory is bounded by it. */
  async drain(): Promise<void> {
    if (this.#length >= handful) await this.flush();
  }

  /** Hands over all that was collected. */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    await this.#sink.write(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    if (this.#bytes.length > handful * 2) this.#bytes = new Uint8Array(handful + handful / 4);
  }
}
