import { encodePageHeader, type PageContents, pageSizes } from './built-page.ts';
import type { FileMetaDataFields } from '../footer-codec/file-metadata.ts';
import type { PageHeader } from '../footer-codec/page-header.ts';
import { type Codec, deflate } from './codec.ts';
import type { DictionaryUnion } from './dictionary-union.ts';
import type { Leaf } from './leaf.ts';
import type { Output } from './output.ts';
import type { Page } from './page.ts';
import type { SizeClaims } from './size-claims.ts';

/** A page where it was written. */
export interface WrittenPage extends PageContents {
  readonly position: number;
  /** Bytes, its header included. */
  readonly length: number;
}

/** What a footer says of a column chunk. */
export type ColumnMetaData = NonNullable<FileMetaDataFields['row_groups'][number]['columns'][number]['meta_data']>;

type PageEncodings = NonNullable<ColumnMetaData['encoding_stats']>[number];

/** Writes the pages of one column chunk and remembers what its metadata must say. */
export class ChunkWriter {
  /** The data pages in order. */
  readonly pages: WrittenPage[] = [];
  /** Values of the data pages, nulls included. */
  values = 0;
  readonly #leaf: Leaf;
  readonly #codec: Codec;
  readonly #out: Output;
  readonly #start: number;
  #dictionaryLength: number | undefined;
  #inflated = 0;
  /** Pages by type and encoding. */
  readonly #counts = new Map<string, PageEncodings>();
  readonly #encodings = new Set<PageEncodings['encoding']>();

  constructor(leaf: Leaf, codec: Codec, out: Output) {
    this.#leaf = leaf;
    this.#codec = codec;
    this.#out = out;
    this.#start = out.position;
  }

  /** Writes the dictionary page, which must be the first one. Readers know PLAIN dictionaries under an old name, too. */
  writeDictionary({ entries, count }: DictionaryUnion, encoding: 'PLAIN' | 'PLAIN_DICTIONARY'): void {
    const body = deflate(this.#codec, entries);
    this.#write(
      {
        ...pageSizes('DICTIONARY_PAGE', entries.length, body),
        dictionary_page_header: { num_values: count, encoding },
      },
      body,
    );
    this.#dictionaryLength = this.#out.position - this.#start;
  }

  /** Writes a data page. */
  writePage(contents: PageContents, header: PageHeader, body: Uint8Array): void {
    const position = this.#out.position;
    this.#write(header, body);
    this.#remember(contents, position);
  }

  /** Writes a data page as it was found. */
  copyPage(contents: PageContents, { header, bytes }: Page): void {
    const position = this.#out.position;
    this.#out.append(bytes);
    this.#count(header, bytes.length - header.compressed_page_size);
    this.#remember(contents, position);
  }

  #write(header: PageHeader, body: Uint8Array): void {
    const head = encodePageHeader(header);
    this.#out.append(head);
    this.#out.append(body);
    this.#count(header, head.length);
  }

  #remember({ rows, values, defined, startsRow, bounds }: PageContents, position: number): void {
    this.values += values;
    this.pages.push({ position, length: this.#out.position - position, rows, values, defined, startsRow, bounds });
  }

  #count(header: PageHeader, headerLength: number): void {
    this.#inflated += headerLength + header.uncompressed_page_size;
    const own = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const encoding = own?.encoding ?? 'PLAIN';
    const key = `${header.type} ${encoding}`;
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { page_type: header.type, encoding, count });
    this.#encodings.add(encoding);
  }

  /** The metadata of what was written. */
  metadata(statistics: NonNullable<ColumnMetaData['statistics']>, sizes: SizeClaims): ColumnMetaData {
    const { element, path, maxDefinition, maxRepetition } = this.#leaf;
    if (maxDefinition > 0 || maxRepetition > 0) this.#encodings.add('RLE');
    const first = this.pages[0]?.position ?? this.#start + (this.#dictionaryLength ?? 0);
    return {
      type: element.type as ColumnMetaData['type'],
      encodings: [...this.#encodings],
      path_in_schema: [...path],
      codec: this.#codec,
      num_values: BigInt(this.values),
      total_uncompressed_size: BigInt(this.#inflated),
      total_compressed_size: BigInt(this.#out.position - this.#start),
      data_page_offset: BigInt(first),
      ...(this.#dictionaryLength !== undefined && { dictionary_page_offset: BigInt(this.#start) }),
      statistics,
      encoding_stats: [...this.#counts.values()],
      ...(Object.keys(sizes).length > 0 && { size_statistics: encodeSizes(sizes) }),
    };
  }
}

function encodeSizes({ bytes, repetition, definition }: SizeClaims): NonNullable<ColumnMetaData['size_statistics']> {
  return {
    ...(bytes !== undefined && { unencoded_byte_array_data_bytes: BigInt(bytes) }),
    ...(repetition && { repetition_level_histogram: repetition.map(BigInt) }),
    ...(definition && { definition_level_histogram: definition.map(BigInt) }),
  };
}
