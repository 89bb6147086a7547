import type { PageHeader } from '../footer-codec/page-header.ts';
import { type Bounds, BoundsUnion } from './bounds-union.ts';
import { type BuiltPage, pageSizes } from './built-page.ts';
import type { Codec } from './codec.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { bitWidth, pack } from './bit-packing.ts';
import { encodeHybrid } from './hybrid-writer.ts';
import type { Leaf } from './leaf.ts';
import { Levels } from './levels.ts';
import type { OpenPage, PageReader } from './page-reader.ts';
import { PageValues } from './page-values.ts';

/** What the values of a page are while it is made. */
export type PageKind = 'indices' | 'plain' | 'bits' | 'runs';

/** Rows of a page that is joined of smaller ones, as other writers do it. */
const pageRows = 20_000;
/** Bytes of a page that is joined of smaller ones, before deflating. */
const pageBytes = 1024 * 1024;

/** Joins pages of one column. */
export class PageBuilder {
  /** PLAIN values are put here after `begin`. */
  readonly values: PageValues;
  readonly #leaf: Leaf;
  #kind: PageKind = 'plain';
  #version: 1 | 2 = 1;
  #encoding = 'PLAIN';
  readonly #definition: Levels;
  readonly #repetition: Levels;
  #numbers: Int32Array = new Int32Array(1024);
  #greatest = 0;
  #entries = 0;
  #defined = 0;
  #rows = 0;
  #startsRow = true;
  #bounds: BoundsUnion;

  constructor(leaf: Leaf, codec: Codec) {
    this.#leaf = leaf;
    this.values = new PageValues(codec);
    this.#definition = new Levels(leaf.maxDefinition);
    this.#repetition = new Levels(leaf.maxRepetition);
    this.#bounds = new BoundsUnion(leaf.order);
  }

  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  /** True when a page can be joined to what is there, and should be. */
  accepts({ page, rows, defined, startsRow, length }: OpenPage, kind: PageKind): boolean {
    if (this.isEmpty) return true;
    if (kind !== this.#kind || page.version !== this.#version) return false;
    const bytes = kind === 'plain' ? this.values.length + length : (this.#defined + defined) * 2;
    // A row must not be torn apart, unless a page of it grows without end.
    const factor = startsRow ? 1 : 16;
    return this.#rows + rows <= pageRows * factor && bytes <= pageBytes * factor;
  }

  /**
   * Takes the levels of the page that the reader opened last, and its bounds. Its numbers are taken, too: indices through
   * `places`, which has the new place of each entry; PLAIN values must follow.
   */
  begin(
    { page, defined, rows, startsRow }: OpenPage,
    reader: PageReader,
    kind: PageKind,
    encoding: string,
    bounds: Bounds | undefined,
    places?: Int32Array,
  ): void {
    if (this.isEmpty) {
      this.#kind = kind;
      this.#version = page.version;
      this.#startsRow = startsRow;
    }
    this.#encoding = encoding;
    this.#definition.append(reader.definition);
    this.#repetition.append(reader.repetition);
    if (kind !== 'plain') this.#numbers = withRoom(this.#numbers, this.#defined, defined);
    if (places !== undefined)
      this.#greatest = translate(reader.numbers, defined, places, this.#numbers, this.#defined, this.#greatest);
    else if (kind !== 'plain') this.#numbers.set(reader.numbers.subarray(0, defined), this.#defined);
    this.#entries += page.values;
    this.#defined += defined;
    this.#rows += rows;
    if (defined > 0) this.#bounds.add(bounds);
  }

  /** Makes one page of all that was taken, and begins anew. */
  finish(): BuiltPage {
    this.#encodeNumbers();
    const repetition = this.#encodeLevels(this.#repetition);
    const definition = this.#encodeLevels(this.#definition);
    const levels = new Uint8Array(repetition.length + definition.length);
    levels.set(repetition);
    levels.set(definition, repetition.length);
    const inflated = levels.length + this.values.length;
    const contents = {
      rows: this.#rows,
      values: this.#entries,
      defined: this.#defined,
      startsRow: this.#startsRow,
      bounds: this.#bounds.bounds,
    };
    const built =
      this.#version === 1
        ? this.#finishFirst(inflated, levels)
        : this.#finishSecond(inflated, levels, repetition.length, definition.length);
    this.#definition.clear();
    this.#repetition.clear();
    this.#greatest = 0;
    this.#entries = 0;
    this.#defined = 0;
    this.#rows = 0;
    this.#bounds = new BoundsUnion(this.#leaf.order);
    return { ...built, contents };
  }

  #finishFirst(inflated: number, levels: Uint8Array): Omit<BuiltPage, 'contents'> {
    const body = this.values.finish(levels);
    const header: PageHeader = {
      ...pageSizes('DATA_PAGE', inflated, body),
      data_page_header: {
        num_values: this.#entries,
        encoding: this.#encoding as 'PLAIN',
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
    };
    return { header, body };
  }

  #finishSecond(
    inflated: number,
    levels: Uint8Array,
    repetitionBytes: number,
    definitionBytes: number,
  ): Omit<BuiltPage, 'contents'> {
    const block = this.values.finish(new Uint8Array(0));
    const body = new Uint8Array(levels.length + block.length);
    body.set(levels);
    body.set(block, levels.length);
    const header: PageHeader = {
      ...pageSizes('DATA_PAGE_V2', inflated, body),
      data_page_header_v2: {
        num_values: this.#entries,
        num_nulls: this.#entries - this.#defined,
        num_rows: this.#rows,
        encoding: this.#encoding as 'PLAIN',
        definition_levels_byte_length: definitionBytes,
        repetition_levels_byte_length: repetitionBytes,
      },
    };
    return { header, body };
  }

  #encodeNumbers(): void {
    const { plain } = this.values;
    if (this.#kind === 'indices') {
      const width = bitWidth(this.#greatest);
      plain.append(Uint8Array.of(width));
      encodeHybrid(this.#numbers, this.#defined, width, plain);
    } else if (this.#kind === 'bits') {
      const length = (this.#defined + 7) >>> 3;
      plain.reserve(length);
      pack(this.#numbers, 0, this.#defined, 1, plain.bytes, plain.length);
      plain.length += length;
    } else if (this.#kind === 'runs') encodeSized(plain, () => encodeHybrid(this.#numbers, this.#defined, 1, plain));
  }

  #encodeLevels(levels: Levels): Uint8Array {
    if (levels.max === 0) return new Uint8Array(0);
    const out = new GrowingBytes();
    if (this.#version === 1) encodeSized(out, () => levels.encode(out));
    else levels.encode(out);
    return out.view();
  }
}

/** Runs behind their length in four bytes. */
function encodeSized(out: GrowingBytes, encode: () => void): void {
  const at = out.length;
  out.append(new Uint8Array(4));
  encode();
  new DataView(out.bytes.buffer).setUint32(at, out.length - at - 4, true);
}

function withRoom(array: Int32Array, length: number, more: number): Int32Array {
  if (length + more <= array.length) return array;
  const larger = new Int32Array(Math.max(length + more, array.length * 2));
  larger.set(array.subarray(0, length));
  return larger;
}

/** Puts the new places of entries in `to` and gives the greatest of them and `least`. */
function translate(
  indices: Int32Array,
  count: number,
  places: Int32Array,
  to: Int32Array,
  at: number,
  least: number,
): number {
  let greatest = least;
  for (let index = 0; index < count; index++) {
    const place = places[indices[index] as number] as number;
    to[at + index] = place;
    if (place > greatest) greatest = place;
  }
  return greatest;
}
