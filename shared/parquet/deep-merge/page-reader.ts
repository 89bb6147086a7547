import { inflate, type InputCodec } from './codec.ts';
import { corrupt, unsupported } from './fault.ts';
import { decodeHybrid, isPackedSequence } from './hybrid-reader.ts';
import type { Leaf } from './leaf.ts';
import { Levels } from './levels.ts';
import type { DataPage } from './page.ts';

/** A data page whose levels are known. */
export interface OpenPage {
  readonly page: DataPage;
  /** Values that are not null. */
  readonly defined: number;
  /** Rows that begin in the page. */
  readonly rows: number;
  /** False when the page begins within a row. */
  readonly startsRow: boolean;
  /** The values, deflated with `codec` on their own; undefined when the levels are deflated with them. */
  readonly block: Uint8Array | undefined;
  readonly codec: InputCodec;
  /** Bytes of the values, inflated. */
  readonly length: number;
  /** The values, inflated, once somebody asked for them. */
  values: Uint8Array | undefined;
}

/** Reads the levels of one column's pages, one page after the other, into memory that is used again. */
export class PageReader {
  /** Levels of the page that was opened last. */
  readonly definition: Levels;
  readonly repetition: Levels;
  /** Numbers of the page that was read last: indices, or booleans. */
  numbers: Int32Array = new Int32Array(1024);
  readonly #leaf: Leaf;

  constructor(leaf: Leaf) {
    this.#leaf = leaf;
    this.definition = new Levels(leaf.maxDefinition);
    this.repetition = new Levels(leaf.maxRepetition);
  }

  /** Reads the levels of a page. @throws parquet.corrupt, parquet.unsupported */
  open(page: DataPage, codec: InputCodec): OpenPage {
    this.definition.takeNone(page.values);
    this.repetition.takeNone(page.values);
    return page.version === 1 ? this.#openFirst(page, codec) : this.#openSecond(page, codec);
  }

  /** Levels of a page of version 1 stand before the values, each kind behind its length in four bytes, all deflated. */
  #openFirst(page: DataPage, codec: InputCodec): OpenPage {
    const { maxDefinition, maxRepetition } = this.#leaf;
    const { uncompressed_page_size: length, data_page_header: header } = page.header;
    if (maxDefinition === 0 && maxRepetition === 0)
      return { ...this.#count(page), block: page.body, codec, length, values: undefined };
    const body = inflate(codec, page.body, length);
    let at = 0;
    if (maxRepetition > 0)
      at = readSizedLevels(body, at, header?.repetition_level_encoding, this.repetition, page.values);
    if (maxDefinition > 0)
      at = readSizedLevels(body, at, header?.definition_level_encoding, this.definition, page.values);
    return { ...this.#count(page), block: undefined, codec, length: body.length - at, values: body.subarray(at) };
  }

  /** Levels of a page of version 2 stand before the values and are never deflated. */
  #openSecond(page: DataPage, codec: InputCodec): OpenPage {
    const { maxDefinition, maxRepetition } = this.#leaf;
    const header = page.header.data_page_header_v2;
    const repetition = header?.repetition_levels_byte_length ?? 0;
    const definition = header?.definition_levels_byte_length ?? 0;
    const levels = repetition + definition;
    const length = page.header.uncompressed_page_size - levels;
    if (repetition < 0 || definition < 0 || levels > page.body.length || length < 0)
      throw corrupt(`levels of ${repetition} and ${definition} bytes in a page of ${page.body.length}`);
    if (maxRepetition > 0) this.repetition.read(page.body, 0, repetition, page.values);
    if (maxDefinition > 0) this.definition.read(page.body, repetition, levels, page.values);
    const block = page.body.subarray(levels);
    // Without values some writers deflate nothing to nothing.
    const isPlain = header?.is_compressed === false || (length === 0 && block.length === 0);
    return { ...this.#count(page), block, codec: isPlain ? 'UNCOMPRESSED' : codec, length, values: undefined };
  }

  #count(page: DataPage): Pick<OpenPage, 'page' | 'defined' | 'rows' | 'startsRow'> {
    return {
      page,
      defined: this.definition.countOf(this.#leaf.maxDefinition),
      rows: this.repetition.countOf(0),
      startsRow: this.repetition.startsWithZero,
    };
  }

  /** Reads the indices of a page, each below `entries`, to `numbers`. */
  readIndices(open: OpenPage, entries: number): void {
    this.numbers = withRoom(this.numbers, open.defined);
    if (open.defined === 0) return;
    const values = valuesOf(open);
    const width = values[0] ?? 33;
    if (width > 32) throw corrupt(`indices of ${width} bits`);
    decodeHybrid(values, 1, values.length, width, entries, this.numbers, 0, open.defined);
  }

  /** True when the indices of a page are the numbers from 0 on, each once. */
  isSequence(open: OpenPage): boolean {
    const values = valuesOf(open);
    if (isPackedSequence(values, 1, values[0] ?? 0, open.defined)) return true;
    this.readIndices(open, open.defined);
    for (let index = 0; index < open.defined; index++) if (this.numbers[index] !== index) return false;
    return true;
  }

  /** Reads the booleans of a page to `numbers`: one bit each. */
  readBits(open: OpenPage): void {
    this.numbers = withRoom(this.numbers, open.defined);
    const values = valuesOf(open);
    if (values.length * 8 < open.defined) throw corrupt(`${open.defined} booleans in ${values.length} bytes`);
    for (let index = 0; index < open.defined; index++)
      this.numbers[index] = ((values[index >>> 3] as number) >>> (index & 7)) & 1;
  }

  /** Reads the booleans of a page to `numbers`: runs behind their length in four bytes. */
  readRuns(open: OpenPage): void {
    this.numbers = withRoom(this.numbers, open.defined);
    if (open.defined === 0) return;
    const values = valuesOf(open);
    const end = sizedEnd(values, 0);
    decodeHybrid(values, 4, end, 1, 2, this.numbers, 0, open.defined);
  }
}

/** The values of a page, inflated. */
export function valuesOf(open: OpenPage): Uint8Array {
  open.values ??= inflate(open.codec, open.block as Uint8Array, open.length);
  return open.values;
}

function readSizedLevels(
  body: Uint8Array,
  at: number,
  encoding: string | undefined,
  levels: Levels,
  count: number,
): number {
  if (encoding !== 'RLE') throw unsupported(`levels in the encoding ${encoding}`);
  const end = sizedEnd(body, at);
  levels.read(body, at + 4, end, count);
  return end;
}

/** Where bytes end that stand behind their length. */
function sizedEnd(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw corrupt('a length breaks off');
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
  if (length > bytes.length - at - 4) throw corrupt(`${length} bytes reach past the end of the page`);
  return at + 4 + length;
}

function withRoom(array: Int32Array, length: number): Int32Array {
  return length <= array.length ? array : new Int32Array(Math.max(length, array.length * 2));
}
