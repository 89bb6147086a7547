import type { FileMetaDataFields } from '../footer-codec/file-metadata.ts';
import { type Bounds, BoundsUnion } from './bounds-union.ts';
import type { ChunkClaims } from './claims.ts';
import { type Codec, deflate, inflate } from './codec.ts';
import { type Dictionary, DictionaryUnion, readDictionary } from './dictionary-union.ts';
import { aboutPlace, corrupt, type Place, unsupported } from './fault.ts';
import { bitWidth } from './hybrid.ts';
import type { Leaf } from './leaf.ts';
import type { Output } from './output.ts';
import { type ChunkPages, type DataPage, type Page, readPages } from './page.ts';
import { encodePageHeader, PageBuilder, type PageContents, type PageKind, pageSizes } from './page-builder.ts';
import { type OpenPage, PageReader, valuesOf } from './page-reader.ts';
import { gatherPlain, plainEnd } from './plain.ts';
import { checkBlock } from './snappy.ts';

/** A column chunk that is to be merged with others. */
export interface ChunkInput {
  readonly place: Place;
  readonly claims: ChunkClaims;
  /** All its pages. */
  readonly bytes: Uint8Array;
  /** Rows of its row group. */
  readonly rows: number;
}

/** A page where it was written. */
export interface WrittenPage extends PageContents {
  readonly position: number;
  /** Bytes, its header included. */
  readonly length: number;
}

type ColumnMetaData = NonNullable<FileMetaDataFields['row_groups'][number]['columns'][number]['meta_data']>;

/** A column chunk that was written. */
export interface MergedColumn {
  readonly metadata: ColumnMetaData;
  /** The data pages in order. */
  readonly pages: readonly WrittenPage[];
}

/** Settings of a merged column. */
export interface ColumnOptions {
  /** Deflates all pages anew; undefined keeps the codec of the first chunk. */
  readonly codec: Codec | undefined;
  /** Bytes of a dictionary past which values are written in full. */
  readonly dictionaryBytes: number;
}

/**
 * Merges column chunks of one column into one, and writes it. No value is decoded: dictionaries are united as bytes, values
 * are moved, and pages of encodings other than PLAIN and dictionaries are copied.
 * @throws parquet.corrupt, parquet.unsupported, which name the place
 */
export async function mergeColumn(
  leaf: Leaf,
  inputs: readonly ChunkInput[],
  options: ColumnOptions,
  out: Output,
): Promise<MergedColumn> {
  const merger = new ColumnMerger(leaf, inputs, options, out);
  await merger.merge();
  return merger.finish();
}

/** Dictionaries that say within so many chunks whether more of them will have anything in common. */
const probe = 6;

class ColumnMerger {
  readonly #leaf: Leaf;
  readonly #inputs: readonly ChunkInput[];
  readonly #options: ColumnOptions;
  readonly #out: Output;
  readonly #codec: Codec;
  readonly #reader: PageReader;
  readonly #pages: WrittenPage[] = [];
  readonly #bounds: BoundsUnion;
  readonly #start: number;
  #dictionaryLength: number | undefined;
  #inflated = 0;
  #values = 0;
  #defined = 0;
  /** Pages by type and encoding. */
  readonly #counts = new Map<string, NonNullable<ColumnMetaData['encoding_stats']>[number]>();
  readonly #encodings = new Set<ColumnMetaData['encodings'][number]>();
  #builder: PageBuilder;
  #checksums = false;

  constructor(leaf: Leaf, inputs: readonly ChunkInput[], options: ColumnOptions, out: Output) {
    this.#leaf = leaf;
    this.#inputs = inputs;
    this.#options = options;
    this.#out = out;
    this.#codec = options.codec ?? inputs[0]?.claims.codec ?? 'UNCOMPRESSED';
    this.#reader = new PageReader(leaf);
    this.#bounds = new BoundsUnion(leaf.order);
    this.#start = out.position;
    this.#builder = new PageBuilder(leaf, this.#codec, false);
  }

  async merge(): Promise<void> {
    const chunks = this.#inputs.map((input) => this.#readPages(input));
    this.#checksums = chunks.some(({ data }) => data[0]?.header.crc !== undefined);
    this.#builder = new PageBuilder(this.#leaf, this.#codec, this.#checksums);
    const united = this.#uniteDictionaries(chunks);
    if (united !== undefined) this.#writeDictionary(united.union, chunks);
    for (const [index, chunk] of chunks.entries()) {
      this.#mergeChunk(this.#inputs[index] as ChunkInput, chunk, united?.places[index]);
      await this.#out.drain();
    }
    this.#close();
  }

  #readPages({ place, bytes, claims }: ChunkInput): ChunkPages {
    let page = -1;
    try {
      return readPages(bytes, claims.values, (at) => {
        page = at;
      });
    } catch (error) {
      throw aboutPlace({ ...place, page }, error);
    }
  }

  /** The union and the new places of each chunk's entries; undefined when values are better written in full. */
  #uniteDictionaries(
    chunks: readonly ChunkPages[],
  ): { union: DictionaryUnion; places: (Int32Array | undefined)[] } | undefined {
    const limit = this.#options.dictionaryBytes;
    const union = new DictionaryUnion(this.#leaf.width, limit);
    const places: (Int32Array | undefined)[] = [];
    const total = chunks.filter(usesDictionary).length;
    union.expect(chunks.reduce((sum, chunk) => sum + (chunk.dictionary ? entriesOf(chunk.dictionary) : 0), 0));
    let seen = 0;
    let values = 0;
    for (const [index, chunk] of chunks.entries()) {
      if (!usesDictionary(chunk)) continue;
      const input = this.#inputs[index] as ChunkInput;
      const dictionary = this.#dictionaryOf(input, chunk);
      const before = union.count;
      places[index] = union.add(dictionary);
      if (places[index] === undefined) return undefined;
      for (const page of chunk.data) if (isIndexed(page)) values += page.values;
      values -= input.claims.nulls ?? 0;
      seen += 1;
      const fresh = union.count - before;
      const share = total / seen;
      if (seen === probe && fresh > dictionary.count * 0.8) {
        const isLong = union.length * share > limit / 2;
        if (isLong || isShorterInFull(union.count * share, union.length * share, values * share)) return undefined;
      }
    }
    if (isShorterInFull(union.count, union.length, values)) return undefined;
    return seen === 0 ? undefined : { union, places };
  }

  #dictionaryOf({ place, claims }: ChunkInput, { dictionary }: ChunkPages): Dictionary {
    try {
      const page = dictionary as Page;
      const bytes = inflate(claims.codec, page.body, page.header.uncompressed_page_size);
      return readDictionary(bytes, entriesOf(page), this.#leaf.width);
    } catch (error) {
      throw aboutPlace({ ...place, page: 0 }, error);
    }
  }

  #writeDictionary({ entries, count }: DictionaryUnion, chunks: readonly ChunkPages[]): void {
    // Readers of the old name know the dictionary page under it, too.
    const first = chunks.find(usesDictionary)?.dictionary;
    const encoding = first?.header.dictionary_page_header?.encoding ?? 'PLAIN';
    const body = deflate(this.#codec, entries);
    this.#writePage(
      {
        ...pageSizes('DICTIONARY_PAGE', entries.length, body, this.#checksums),
        dictionary_page_header: { num_values: count, encoding },
      },
      body,
    );
    this.#dictionaryLength = this.#out.position - this.#start;
  }

  #mergeChunk(input: ChunkInput, chunk: ChunkPages, places: Int32Array | undefined): void {
    const { place, claims, rows } = input;
    let defined = 0;
    let found = 0;
    let number = chunk.dictionary === undefined ? 0 : 1;
    try {
      for (const page of chunk.data) {
        const open = this.#reader.open(page, claims.codec);
        if (found === 0 && !open.startsRow) throw corrupt('the chunk begins within a row');
        found += open.rows;
        defined += open.defined;
        if (page.values > 0) this.#mergePage(open, input, chunk, places);
        number += 1;
      }
    } catch (error) {
      throw aboutPlace({ ...place, page: number }, error);
    }
    if (found !== rows)
      throw aboutPlace(place, corrupt(`the pages hold ${found} rows, the row group claims to have ${rows}`));
    if (defined > 0) this.#bounds.add(claims.bounds);
    this.#defined += defined;
  }

  #mergePage(open: OpenPage, input: ChunkInput, chunk: ChunkPages, places: Int32Array | undefined): void {
    const { page } = open;
    const { bounds } = input.claims;
    if (isIndexed(page)) {
      if (chunk.dictionary === undefined) throw corrupt('the page needs a dictionary, and the chunk has none');
      if (places === undefined) this.#writeInFull(open, input, chunk);
      else {
        this.#reader.readIndices(open, entriesOf(chunk.dictionary));
        translate(this.#reader.numbers, open.defined, places);
        this.#begin(open, 'indices', page.encoding, bounds);
      }
    } else if (page.encoding === 'PLAIN' && this.#leaf.element.type === 'BOOLEAN') {
      this.#reader.readBits(open);
      this.#begin(open, 'bits', 'PLAIN', bounds);
    } else if (page.encoding === 'RLE' && this.#leaf.element.type === 'BOOLEAN') {
      this.#reader.readRuns(open);
      this.#begin(open, 'runs', 'RLE', bounds);
    } else if (page.encoding === 'PLAIN') this.#mergePlain(open, bounds);
    else if (copied.has(page.encoding)) this.#copy(open, bounds);
    else throw unsupported(`values in the encoding ${page.encoding}`);
  }

  #begin(open: OpenPage, kind: PageKind, encoding: string, bounds: Bounds | undefined): void {
    if (!this.#builder.accepts(open, kind)) this.#close();
    this.#builder.begin(open, this.#reader, kind, encoding, bounds);
  }

  /** Puts the entries in the place of the indices. */
  #writeInFull(open: OpenPage, input: ChunkInput, { dictionary, data }: ChunkPages): void {
    const { width } = this.#leaf;
    const { claims } = input;
    const page = dictionary as Page;
    const { body, header } = page;
    const length = header.uncompressed_page_size;
    const count = entriesOf(page);
    const isWhole = data.length === 1 && count === open.defined && count > 0 && this.#reader.isSequence(open);
    const grown: OpenPage = { ...open, length: isWhole ? length : open.defined * Math.max(1, length / (count || 1)) };
    this.#begin(grown, 'plain', 'PLAIN', claims.bounds);
    const { values } = this.#builder;
    // Where each entry is used once and in order, the dictionary page is the page of all values.
    if (isWhole && values.canSplice(claims.codec)) {
      const end = width > 0 ? count * width : plainEnd(inflate(claims.codec, body, length), 0, count, width);
      if (end === length) {
        if (claims.codec === 'SNAPPY') checkBlock(body, length);
        else if (body.length !== length) throw corrupt(`${body.length} bytes where the header says ${length}`);
        return values.splice(body, length);
      }
    }
    this.#reader.readIndices(open, count);
    const { entries, starts } = this.#dictionaryOf(input, { dictionary, data });
    gatherPlain(entries, starts, width, this.#reader.numbers, open.defined, values.plain);
  }

  #mergePlain(open: OpenPage, bounds: Bounds | undefined): void {
    const { width } = this.#leaf;
    const { page, block, codec, defined, length } = open;
    const isLarge = page.body.length >= largePage;
    if (isLarge && codec === this.#codec) {
      // A page that is joined to nothing stays as it is, but what is behind its values would be taken for values by nobody.
      plainEnd(valuesOf(open), 0, defined, width);
      return this.#copyAsIs(open, bounds);
    }
    this.#begin(open, 'plain', 'PLAIN', bounds);
    const { values } = this.#builder;
    if (block !== undefined && values.canSplice(codec)) {
      const end = width > 0 ? defined * width : plainEnd(valuesOf(open), 0, defined, width);
      if (end === length) {
        if (codec === 'SNAPPY') checkBlock(block, length);
        else if (block.length !== length) throw corrupt(`${block.length} bytes where the header says ${length}`);
        return values.splice(block, length);
      }
    }
    const bytes = valuesOf(open);
    // Some writers leave bytes behind the values.
    values.plain.append(bytes.subarray(0, plainEnd(bytes, 0, defined, width)));
  }

  /** Copies a page whose values are in an encoding that cannot be joined. */
  #copy(open: OpenPage, bounds: Bounds | undefined): void {
    const { page, codec } = open;
    if (codec === this.#codec || page.header.data_page_header_v2?.is_compressed === false) {
      // What is copied is not inflated otherwise, and a page that is broken should be found now.
      if (open.block !== undefined) valuesOf(open);
      return this.#copyAsIs(open, bounds);
    }
    this.#close();
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
    const { crc: _, ...rest } = header;
    this.#record(open, bounds, () =>
      this.#writePage(
        { ...rest, ...pageSizes(header.type, header.uncompressed_page_size, body, this.#checksums) },
        body,
      ),
    );
  }

  #copyAsIs(open: OpenPage, bounds: Bounds | undefined): void {
    this.#close();
    const { bytes, header } = open.page;
    this.#record(open, bounds, () => {
      this.#out.append(bytes);
      this.#count(header, bytes.length - header.compressed_page_size);
    });
  }

  #close(): void {
    if (this.#builder.isEmpty) return;
    const { header, body, contents } = this.#builder.finish();
    this.#record({ ...contents, page: { values: contents.values } }, contents.bounds, () =>
      this.#writePage(header, body),
    );
  }

  #record(
    { rows, defined, startsRow, page }: Pick<OpenPage, 'rows' | 'defined' | 'startsRow'> & { page: { values: number } },
    bounds: Bounds | undefined,
    write: () => void,
  ): void {
    const position = this.#out.position;
    write();
    const length = this.#out.position - position;
    this.#values += page.values;
    this.#pages.push({ position, length, rows, values: page.values, defined, startsRow, bounds });
  }

  #writePage(header: Page['header'], body: Uint8Array): void {
    const head = encodePageHeader(header);
    this.#out.append(head);
    this.#out.append(body);
    this.#count(header, head.length);
  }

  #count(header: Page['header'], headerLength: number): void {
    this.#inflated += headerLength + header.uncompressed_page_size;
    const own = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const encoding = own?.encoding ?? 'PLAIN';
    const key = `${header.type} ${encoding}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { page_type: header.type, encoding, count });
    this.#encodings.add(encoding);
  }

  finish(): MergedColumn {
    const { element, path, maxDefinition, maxRepetition } = this.#leaf;
    if (maxDefinition > 0 || maxRepetition > 0) this.#encodings.add('RLE');
    const end = this.#out.position;
    const first = this.#pages[0]?.position ?? this.#start + (this.#dictionaryLength ?? 0);
    return {
      pages: this.#pages,
      metadata: {
        type: element.type as ColumnMetaData['type'],
        encodings: [...this.#encodings],
        path_in_schema: [...path],
        codec: this.#codec,
        num_values: BigInt(this.#values),
        total_uncompressed_size: BigInt(this.#inflated),
        total_compressed_size: BigInt(end - this.#start),
        data_page_offset: BigInt(first),
        ...(this.#dictionaryLength !== undefined && { dictionary_page_offset: BigInt(this.#start) }),
        statistics: this.#statistics(),
        encoding_stats: [...this.#counts.values()],
      },
    };
  }

  #statistics(): NonNullable<ColumnMetaData['statistics']> {
    const { bounds } = this.#bounds;
    const nulls = this.#nulls();
    return {
      ...(nulls !== undefined && { null_count: nulls }),
      ...(bounds !== undefined && {
        max_value: bounds.max.bytes,
        min_value: bounds.min.bytes,
        ...(bounds.max.exact !== undefined && { is_max_value_exact: bounds.max.exact }),
        ...(bounds.min.exact !== undefined && { is_min_value_exact: bounds.min.exact }),
      }),
    };
  }

  /** Counted where a value is null or not; writers differ in what counts as null within lists, so theirs is added up. */
  #nulls(): bigint | undefined {
    if (this.#leaf.maxRepetition === 0) return BigInt(this.#values - this.#defined);
    let total = 0;
    for (const { claims } of this.#inputs) {
      if (claims.nulls === undefined) return undefined;
      total += claims.nulls;
    }
    return BigInt(total);
  }
}

/** True when `values` values take less room than a dictionary of `count` entries and indices to it. */
function isShorterInFull(count: number, length: number, values: number): boolean {
  return count > 1 && (length / count) * values <= length + (values * bitWidth(count - 1)) / 8;
}

/** Bytes of a PLAIN page that is not worth joining to others. */
const largePage = 256 * 1024;

/** Encodings whose pages are copied as they are. */
const copied: ReadonlySet<string> = new Set([
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'BYTE_STREAM_SPLIT',
]);

function isIndexed({ encoding }: DataPage): boolean {
  return encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';
}

function usesDictionary({ dictionary, data }: ChunkPages): boolean {
  return dictionary !== undefined && data.some(isIndexed);
}

function entriesOf(dictionary: Page): number {
  return dictionary.header.dictionary_page_header?.num_values ?? 0;
}

function translate(numbers: Int32Array, count: number, places: Int32Array): void {
  for (let index = 0; index < count; index++) numbers[index] = places[numbers[index] as number] as number;
}
