import { openMetadata, encodeFooter } from '../footer-codec/codec.ts';
import { type FileMetaDataFields, keyValue, rowGroup } from '../footer-codec/file-metadata.ts';
import { makeList, makeStruct, struct } from '../footer-codec/struct.ts';
import { encodeColumnIndex, encodeOffsetIndex } from './chunk-index.ts';
import type { WrittenPage } from './chunk-writer.ts';
import { type ColumnOptions, type MergedColumn, mergeColumn } from './column.ts';
import type { OpenGroup } from './input.ts';
import type { Leaf } from './leaf.ts';
import { Output, type Sink } from './output.ts';
import { RangeReader } from './read-ranges.ts';

/** Settings of a file that is written. */
export interface FileSettings extends ColumnOptions {
  /** Bytes of input that are in memory at once, unless one column of one row group has more. */
  readonly residentBytes: number;
  /** Where in the file the first byte will stand. */
  readonly position: number;
}

type RowGroup = FileMetaDataFields['row_groups'][number];

/** Ordinals of row groups are 16-bit numbers. */
const maxOrdinals = 0x7fff + 1;

/** Writes the row groups of a file one by one, then its page indexes and its footer. */
export class FileWriter {
  readonly #leaves: readonly Leaf[];
  readonly #settings: FileSettings;
  readonly #out: Output;
  readonly #reader = new RangeReader();
  readonly #groups: { fields: RowGroup; columns: readonly (readonly WrittenPage[])[] }[] = [];
  #rows = 0;

  constructor(leaves: readonly Leaf[], sink: Sink, settings: FileSettings) {
    this.#leaves = leaves;
    this.#settings = settings;
    this.#out = new Output(sink, settings.position);
    this.#out.append(magic);
  }

  /** Merges row groups into one and writes it. @throws parquet.*, which name file, column and page */
  async writeGroup(groups: readonly OpenGroup[]): Promise<void> {
    const start = this.#out.position;
    const columns: MergedColumn[] = [];
    while (columns.length < this.#leaves.length) {
      const from = columns.length;
      const to = this.#endOfBatch(groups, from);
      const ranges = groups.flatMap(({ source, chunks }) =>
        chunks.slice(from, to).map((chunk) => ({ source, start: chunk.start, length: chunk.length })),
      );
      const bytes = await this.#reader.read(ranges);
      for (let column = from; column < to; column++)
        columns.push(await this.#mergeColumn(groups, column, (group) => bytes[group * (to - from) + column - from]));
    }
    const length = this.#out.position - start;
    // Filters stand behind their row group, so that they need not be kept.
    for (const { metadata, bloom } of columns) {
      const place = this.#place(bloom);
      if (place) Object.assign(metadata, { bloom_filter_offset: place[0], bloom_filter_length: place[1] });
    }
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    this.#rows += rows;
    this.#groups.push({
      columns: columns.map(({ pages }) => pages),
      fields: {
        columns: columns.map(({ metadata }) => ({ file_offset: 0n, meta_data: metadata })),
        total_byte_size: columns.reduce((sum, { metadata }) => sum + metadata.total_uncompressed_size, 0n),
        num_rows: BigInt(rows),
        file_offset: BigInt(start),
        total_compressed_size: BigInt(length),
      },
    });
  }

  /** Columns are read together as long as they fit into memory: small chunks lie close together in a file. */
  #endOfBatch(groups: readonly OpenGroup[], from: number): number {
    let to = from;
    let bytes = 0;
    while (to < this.#leaves.length) {
      for (const { chunks } of groups) bytes += chunks[to]?.length ?? 0;
      if (to > from && bytes > this.#settings.residentBytes) break;
      to += 1;
    }
    return to;
  }

  #mergeColumn(
    groups: readonly OpenGroup[],
    column: number,
    bytesOf: (group: number) => Uint8Array | undefined,
  ): Promise<MergedColumn> {
    const leaf = this.#leaves[column] as Leaf;
    const chunks = groups.map(({ source, index, rows, chunks: claims }, group) => ({
      place: { path: source.path, rowGroup: index, column: leaf.path.join('.') },
      claims: claims[column] as (typeof claims)[number],
      bytes: bytesOf(group) as Uint8Array,
      rows,
    }));
    const { codec, dictionaryBytes, bloomFilters } = this.#settings;
    return mergeColumn(leaf, chunks, { codec, dictionaryBytes, bloomFilters }, this.#out);
  }

  /** Writes what is left: the footer says what `model` says, with these key-value pairs. */
  async finish(
    model: Uint8Array,
    pairs: ReadonlyMap<string, string | undefined>,
  ): Promise<{ readonly rows: number; readonly rowGroups: number; readonly length: number }> {
    this.#writeIndexes();
    const { metadata } = openMetadata(model);
    metadata.set('num_rows', BigInt(this.#rows));
    metadata.set(
      'row_groups',
      makeList(
        struct(rowGroup),
        this.#groups.map(({ fields }, ordinal) =>
          makeStruct(rowGroup, { ...fields, ...(this.#groups.length <= maxOrdinals && { ordinal }) }),
        ),
      ),
    );
    if (pairs.size > 0)
      metadata.set(
        'key_value_metadata',
        makeList(
          struct(keyValue),
          [...pairs].map(([key, value]) => makeStruct(keyValue, { key, ...(value !== undefined && { value }) })),
        ),
      );
    this.#out.append(encodeFooter(metadata.toBytes()));
    await this.#out.flush();
    return {
      rows: this.#rows,
      rowGroups: this.#groups.length,
      length: this.#out.position - this.#settings.position,
    };
  }

  /** Column indexes first, then offset indexes, as other writers do it. */
  #writeIndexes(): void {
    for (const { fields, columns } of this.#groups)
      for (const [index, pages] of columns.entries()) {
        const { order, maxRepetition } = this.#leaves[index] as Leaf;
        const bytes = encodeColumnIndex(pages, order, maxRepetition > 0);
        const place = this.#place(bytes);
        if (place)
          Object.assign(fields.columns[index] as object, {
            column_index_offset: place[0],
            column_index_length: place[1],
          });
      }
    for (const { fields, columns } of this.#groups)
      for (const [index, pages] of columns.entries()) {
        const place = this.#place(encodeOffsetIndex(pages));
        if (place)
          Object.assign(fields.columns[index] as object, {
            offset_index_offset: place[0],
            offset_index_length: place[1],
          });
      }
  }

  #place(bytes: Uint8Array | undefined): [offset: bigint, length: number] | undefined {
    if (bytes === undefined) return undefined;
    const offset = BigInt(this.#out.position);
    this.#out.append(bytes);
    return [offset, bytes.length];
  }
}

const magic = new TextEncoder().encode('PAR1');
