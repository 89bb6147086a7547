import type { PageHeader } from '../footer-codec/page-header.ts';
import { type Bounds, BoundsUnion } from './bounds-union.ts';
import { type BuiltPage, pageSizes } from './built-page.ts';
import type { Codec } from './codec.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { bitWidth, encodeHybrid, pack } from './hybrid.ts';
import type { Leaf } from './leaf.ts';
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
  #definition: Int32Array = new Int32Array(1024);
  #repetition: Int32Array = new Int32Array(1024);
  #numbers: Int32Array = new Int32Array(1024);
  #entries = 0;
  #defined = 0;
  #rows = 0;
  #startsRow = true;
  #bounds: BoundsUnion;

  constructor(leaf: Leaf, codec: Codec) {
    this.#leaf = leaf;
    this.values = new PageValues(codec);
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

  /** Takes the levels of the page that the reader opened last, and its bounds. Its values must follow. */
  begin(open: OpenPage, reader: PageReader, kind: PageKind, encoding: string, bounds: Bounds | undefined): void {
    const { page, defined, rows, startsRow } = open;
    if (this.isEmpty) {
      this.#kind = kind;
      this.#version = page.version;
      this.#startsRow = startsRow;
    }
    this.#encoding = encoding;
    if (this.#leaf.maxDefinition > 0)
      this.#definition = appendInts(this.#definition, this.#entries, reader.definition, page.values);
    if (this.#leaf.maxRepetition > 0)
      this.#repetition = appendInts(this.#repetition, this.#entries, reader.repetition, page.values);
    if (kind !== 'plain') this.#numbers = appendInts(this.#numbers, this.#defined, reader.numbers, defined);
    this.#entries += page.values;
    this.#defined += defined;
    this.#rows += rows;
    if (defined > 0) this.#bounds.add(bounds);
  }

  /** Makes one page of all that was taken, and begins anew. */
  finish(): BuiltPage {
    this.#encodeNumbers();
    const repetition = this.#encodeLevels(this.#repetition, this.#leaf.maxRepetition);
    const definition = this.#encodeLevels(this.#definition, this.#leaf.maxDefinition);
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
      const width = bitWidth(greatest(this.#numbers, this.#defined));
      plain.append(Uint8Array.of(width));
      encodeHybrid(this.#numbers, this.#defined, width, plain);
    } else if (this.#kind === 'bits') {
      const length = (this.#defined + 7) >>> 3;
      plain.reserve(length);
      pack(this.#numbers, 0, this.#defined, 1, plain.bytes, plain.length);
      plain.length += length;
    } else if (this.#kind === 'runs') encodeSized(this.#numbers, this.#defined, 1, plain);
  }

  #encodeLevels(levels: Int32Array, max: number): Uint8Array {
    const out = new GrowingBytes();
    if (max > 0 && this.#version === 1) encodeSized(levels, this.#entries, bitWidth(max), out);
    else if (max > 0) encodeHybrid(levels, this.#entries, bitWidth(max), out);
    return out.view();
  }
}

/** Runs behind their length in four bytes. */
function encodeSized(values: Int32Array, count: number, width: number, out: GrowingBytes): void {
  const at = out.length;
  out.append(new Uint8Array(4));
  encodeHybrid(values, count, width, out);
  new DataView(out.bytes.buffer).setUint32(at, out.length - at - 4, true);
}

function appendInts(to: Int32Array, at: number, from: Int32Array, count: number): Int32Array {
  let target = to;
  if (at + count > to.length) {
    target = new Int32Array(Math.max(at + count, to.length * 2));
    target.set(to.subarray(0, at));
  }
  target.set(from.subarray(0, count), at);
  return target;
}

function greatest(values: Int32Array, count: number): number {
  let max = 0;
  for (let index = 0; index < count; index++) if ((values[index] as number) > max) max = values[index] as number;
  return max;
}
