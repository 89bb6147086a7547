import type { Bounds } from './bounds-union.ts';
import type { PageContents } from './built-page.ts';
import { pageSizes } from './built-page.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { type Codec, deflate, inflate, type InputCodec } from './codec.ts';
import { type Chunk, dictionaryOf, entriesOf, isIndexed } from './column-chunk.ts';
import { corrupt, unsupported } from './fault.ts';
import type { Leaf } from './leaf.ts';
import type { Page } from './page.ts';
import { PageBuilder, type PageKind } from './page-builder.ts';
import { type OpenPage, PageReader, valuesOf } from './page-reader.ts';
import { gatherPlain, plainEnd } from './plain.ts';
import { checkBlock } from './snappy.ts';
import type { ValueHashes } from './value-hashes.ts';

/** Bytes of a PLAIN page that is not worth joining to others. */
const largePage = 256 * 1024;

/** Encodings whose pages are copied as they are. */
const copied: ReadonlySet<string> = new Set([
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'BYTE_STREAM_SPLIT',
]);

/** Joins the pages of one column's chunks and hands them to its writer; those that cannot be joined are copied. */
export class PageMerger {
  readonly #leaf: Leaf;
  readonly #codec: Codec;
  readonly #writer: ChunkWriter;
  readonly #hashes: ValueHashes | undefined;
  #hashed: Chunk | undefined;
  readonly #reader: PageReader;
  readonly #builder: PageBuilder;

  constructor(leaf: Leaf, codec: Codec, writer: ChunkWriter, hashes: ValueHashes | undefined) {
    this.#leaf = leaf;
    this.#codec = codec;
    this.#writer = writer;
    this.#hashes = hashes;
    this.#reader = new PageReader(leaf);
    this.#builder = new PageBuilder(leaf, codec);
  }

  /** Reads the levels of a chunk's data page. @throws parquet.corrupt, parquet.unsupported */
  open(chunk: Chunk, page: Chunk['data'][number]): OpenPage {
    return this.#reader.open(page, chunk.input.claims.codec);
  }

  /**
   * Takes the page that was opened last. `places` are those of its dictionary's entries in the common one; without them the
   * entries are written in full.
   * @throws parquet.corrupt, parquet.unsupported
   */
  merge(open: OpenPage, chunk: Chunk, places: Int32Array | undefined): void {
    const { page } = open;
    const { bounds } = chunk.input.claims;
    const isBoolean = this.#leaf.element.type === 'BOOLEAN';
    if (isIndexed(page)) {
      if (chunk.dictionary === undefined) throw corrupt('the page needs a dictionary, and the chunk has none');
      if (places === undefined) this.#writeInFull(open, chunk);
      else {
        this.#reader.readIndices(open, entriesOf(chunk.dictionary));
        this.#begin(open, 'indices', page.encoding, bounds, places);
      }
    } else if (page.encoding === 'PLAIN' && isBoolean) {
      this.#reader.readBits(open);
      this.#begin(open, 'bits', 'PLAIN', bounds);
    } else if (page.encoding === 'RLE' && isBoolean) {
      this.#reader.readRuns(open);
      this.#begin(open, 'runs', 'RLE', bounds);
    } else if (page.encoding === 'PLAIN') this.#mergePlain(open, bounds);
    else if (copied.has(page.encoding)) this.#copy(open, bounds);
    else throw unsupported(`values in the encoding ${page.encoding}`);
  }

  /** Writes the page that is being made, if there is one. */
  close(): void {
    if (this.#builder.isEmpty) return;
    const { header, body, contents } = this.#builder.finish();
    this.#writer.writePage(contents, header, body);
  }

  #begin(open: OpenPage, kind: PageKind, encoding: string, bounds: Bounds | undefined, places?: Int32Array): void {
    if (!this.#builder.accepts(open, kind)) this.close();
    this.#builder.begin(open, this.#reader, kind, encoding, bounds, places);
  }

  /** Puts the entries in the place of the indices. */
  #writeInFull(open: OpenPage, chunk: Chunk): void {
    const { width } = this.#leaf;
    const { codec, bounds } = chunk.input.claims;
    const page = chunk.dictionary as Page;
    const { body, header } = page;
    const length = header.uncompressed_page_size;
    const count = entriesOf(page);
    const isWhole = chunk.data.length === 1 && count === open.defined && count > 0 && this.#reader.isSequence(open);
    const grown: OpenPage = { ...open, length: isWhole ? length : open.defined * Math.max(1, length / (count || 1)) };
    this.#begin(grown, 'plain', 'PLAIN', bounds);
    this.#hashEntries(chunk);
    const { values } = this.#builder;
    // Where each entry is used once and in order, the dictionary page is the page of all values.
    if (isWhole && values.canSplice(codec)) {
      const end = width > 0 ? count * width : plainEnd(inflate(codec, body, length), 0, count, width);
      if (end === length) {
        checkSplice(codec, body, length);
        return values.splice(body, length);
      }
    }
    this.#reader.readIndices(open, count);
    const { entries, starts } = dictionaryOf(chunk, this.#leaf);
    gatherPlain(entries, starts, width, this.#reader.numbers, open.defined, values.plain);
  }

  /** Entries that no value uses do no harm in a bloom filter. */
  #hashEntries(chunk: Chunk): void {
    if (this.#hashes === undefined || this.#hashed === chunk) return;
    const { entries, count } = dictionaryOf(chunk, this.#leaf);
    this.#hashes.add(entries, count);
    this.#hashed = chunk;
  }

  #mergePlain(open: OpenPage, bounds: Bounds | undefined): void {
    const { width } = this.#leaf;
    const { page, block, codec, defined, length } = open;
    const isLarge = page.body.length >= largePage;
    if (isLarge && codec === this.#codec) {
      // A page that is joined to nothing stays as it is, but what is behind its values would be taken for values by nobody.
      plainEnd(valuesOf(open), 0, defined, width);
      this.#hashes?.add(valuesOf(open), defined);
      return this.#copyAsIs(open, bounds);
    }
    this.#begin(open, 'plain', 'PLAIN', bounds);
    if (this.#hashes !== undefined) {
      plainEnd(valuesOf(open), 0, defined, width);
      this.#hashes.add(valuesOf(open), defined);
    }
    const { values } = this.#builder;
    if (block !== undefined && values.canSplice(codec)) {
      const end = width > 0 ? defined * width : plainEnd(valuesOf(open), 0, defined, width);
      if (end === length) {
        checkSplice(codec, block, length);
        return values.splice(block, length);
      }
    }
    const bytes = valuesOf(open);
    // Some writers leave bytes behind the values.
    values.plain.append(bytes.subarray(0, plainEnd(bytes, 0, defined, width)));
  }

  /** Copies a page whose values are in an encoding that cannot be joined. */
  #copy(open: OpenPage, bounds: Bounds | undefined): void {
    if (open.defined > 0) this.#hashes?.giveUp();
    const { page, codec } = open;
    if (codec === this.#codec || page.header.data_page_header_v2?.is_compressed === false) {
      // What is copied is not inflated otherwise, and a page that is broken should be found now.
      if (open.block !== undefined) valuesOf(open);
      return this.#copyAsIs(open, bounds);
    }
    this.close();
    const { header } = page;
    let body: Uint8Array;
    if (page.version === 1) body = deflate(this.#codec, inflate(codec, page.body, header.uncompressed_page_size));
    else {
      const levels = page.body.subarray(0, header.uncompressed_page_size - open.length);
      const block = deflate(this.#codec, valuesOf(open));
      body = new Uint8Array(levels.length + block.length);
      body.set(levels);
      body.set(block, levels.length);
    }
    const sizes = pageSizes(header.type, header.uncompressed_page_size, body);
    this.#writer.writePage(contentsOf(open, bounds), { ...header, ...sizes }, body);
  }

  #copyAsIs(open: OpenPage, bounds: Bounds | undefined): void {
    this.close();
    this.#writer.copyPage(contentsOf(open, bounds), open.page);
  }
}

function contentsOf({ page, rows, defined, startsRow }: OpenPage, bounds: Bounds | undefined): PageContents {
  return { rows, values: page.values, defined, startsRow, bounds };
}

function checkSplice(codec: InputCodec, block: Uint8Array, length: number): void {
  if (codec === 'SNAPPY') checkBlock(block, length);
  else if (block.length !== length) throw corrupt(`${block.length} bytes where the header says ${length}`);
}
