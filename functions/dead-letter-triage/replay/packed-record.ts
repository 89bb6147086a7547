import type { KafkaHeader, KafkaRecord } from '#shared/kafka/record.ts';

/**
 * A record in one piece of memory, while it waits for its turn. As it is read, a record has an object for each of its texts, and
 * keeps all that came with the same fetch.
 */
export class PackedRecord {
  readonly #about: Omit<KafkaRecord, 'key' | 'value' | 'headers'>;
  /** Lengths of key and value, and of names and values of headers by turns, in 4 bytes each, -1 for null; then all bytes. */
  readonly #bytes: Buffer;
  readonly #texts: number;

  /** Copies the bytes of a record. */
  constructor({ key, value, headers, topic, partition, offset, timestamp, timestampType }: KafkaRecord) {
    this.#about = { topic, partition, offset, timestamp, timestampType };
    const texts = [key, value, ...headers.flat()];
    let at = 4 * texts.length;
    this.#texts = texts.length;
    this.#bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + (text?.length ?? 0), at));
    for (const [index, text] of texts.entries()) {
      this.#bytes.writeInt32LE(text?.length ?? -1, 4 * index);
      if (text !== null) this.#bytes.set(text, at);
      at += text?.length ?? 0;
    }
  }

  get place(): Pick<KafkaRecord, 'topic' | 'partition' | 'offset'> {
    return this.#about;
  }

  /** The key; a view of this memory. */
  get key(): Buffer | null {
    return this.#text(0, 4 * this.#texts);
  }

  /** The record; its bytes are views of this memory. */
  unpack(): KafkaRecord {
    const texts: (Buffer | null)[] = [];
    let at = 4 * this.#texts;
    for (let index = 0; index < this.#texts; index += 1) {
      const text = this.#text(index, at);
      texts.push(text);
      at += text?.length ?? 0;
    }
    const [key = null, value = null] = texts;
    const headers: KafkaHeader[] = [];
    for (let index = 2; index < texts.length; index += 2)
      headers.push([texts[index] ?? empty, texts[index + 1] ?? null]);
    return { ...this.#about, key, value, headers };
  }

  #text(index: number, at: number): Buffer | null {
    const length = this.#bytes.readInt32LE(4 * index);
    return length < 0 ? null : this.#bytes.subarray(at, at + length);
  }
}

const empty = Buffer.alloc(0);
