import { BoundsUnion } from './bounds-union.ts';
import { ChunkWriter, type ColumnMetaData, type WrittenPage } from './chunk-writer.ts';
import { type Codec, outputCodec } from './codec.ts';
import { type Chunk, type ChunkInput, openChunk, usesDictionary } from './column-chunk.ts';
import { uniteDictionaries } from './common-dictionary.ts';
import { aboutPlace, corrupt } from './fault.ts';
import type { Leaf } from './leaf.ts';
import type { Output } from './output.ts';
import { PageMerger } from './page-merger.ts';
import { sumSizes } from './size-claims.ts';
import { ValueHashes } from './value-hashes.ts';

/** A column chunk that was written. */
export interface MergedColumn {
  readonly metadata: ColumnMetaData;
  /** The data pages in order. */
  readonly pages: readonly WrittenPage[];
  /** Its bloom filter with its header. */
  readonly bloom: Uint8Array | undefined;
}

/** Settings of a merged column. */
export interface ColumnOptions {
  /** Deflates all pages anew; undefined keeps the codec of the first chunk; LZ4 becomes Snappy. */
  readonly codec?: Codec | undefined;
  /** Bytes of a dictionary past which values are written in full. */
  readonly dictionaryBytes: number;
  /** Where a chunk has a bloom filter, whether the result has one, too. */
  readonly bloomFilters: 'rebuild' | 'drop';
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
  const codec = options.codec ?? outputCodec(inputs[0]?.claims.codec ?? 'UNCOMPRESSED');
  const chunks = inputs.map(openChunk);
  const writer = new ChunkWriter(leaf, codec, out);
  const hashes = makesBloom(leaf, inputs, options) ? new ValueHashes(leaf.width) : undefined;
  const common = uniteDictionaries(leaf, chunks, options.dictionaryBytes);
  if (common !== undefined) {
    const first = chunks.find(usesDictionary)?.dictionary?.header.dictionary_page_header;
    hashes?.add(common.union.entries, common.union.count);
    writer.writeDictionary(common.union, first?.encoding === 'PLAIN_DICTIONARY' ? 'PLAIN_DICTIONARY' : 'PLAIN');
  }
  const merger = new PageMerger(leaf, codec, writer, hashes);
  const bounds = new BoundsUnion(leaf.order);
  let defined = 0;
  for (const [index, chunk] of chunks.entries()) {
    const own = mergeChunk(merger, chunk, common?.places[index]);
    if (own > 0) bounds.add(chunk.input.claims.bounds);
    defined += own;
    await out.drain();
  }
  merger.close();
  const nulls = leaf.maxRepetition === 0 ? writer.values - defined : claimedNulls(inputs);
  return {
    pages: writer.pages,
    metadata: writer.metadata(statisticsOf(bounds, nulls), sumSizes(inputs, leaf)),
    bloom: hashes?.toFilter(),
  };
}

/** Booleans are bits, which no filter is made of. */
function makesBloom({ element }: Leaf, inputs: readonly ChunkInput[], { bloomFilters }: ColumnOptions): boolean {
  return bloomFilters === 'rebuild' && element.type !== 'BOOLEAN' && inputs.some(({ claims }) => claims.hasBloom);
}

/** Merges the pages of a chunk and gives the count of its values that are not null. */
function mergeChunk(merger: PageMerger, chunk: Chunk, places: Int32Array | undefined): number {
  const { place, rows } = chunk.input;
  let defined = 0;
  let found = 0;
  let number = chunk.dictionary === undefined ? 0 : 1;
  try {
    for (const page of chunk.data) {
      const open = merger.open(chunk, page);
      if (found === 0 && !open.startsRow) throw corrupt('the chunk begins within a row');
      found += open.rows;
      defined += open.defined;
      if (page.values > 0) merger.merge(open, chunk, places);
      number += 1;
    }
  } catch (error) {
    throw aboutPlace({ ...place, page: number }, error);
  }
  if (found !== rows)
    throw aboutPlace(place, corrupt(`the pages hold ${found} rows, the row group claims to have ${rows}`));
  return defined;
}

/** Writers differ in what counts as null within lists, so what they say is added up. */
function claimedNulls(inputs: readonly ChunkInput[]): number | undefined {
  let total = 0;
  for (const { claims } of inputs) {
    if (claims.nulls === undefined) return undefined;
    total += claims.nulls;
  }
  return total;
}

function statisticsOf({ bounds }: BoundsUnion, nulls: number | undefined): NonNullable<ColumnMetaData['statistics']> {
  return {
    ...(nulls !== undefined && { null_count: BigInt(nulls) }),
    ...(bounds !== undefined && {
      max_value: bounds.max.bytes,
      min_value: bounds.min.bytes,
      ...(bounds.max.exact !== undefined && { is_max_value_exact: bounds.max.exact }),
      ...(bounds.min.exact !== undefined && { is_min_value_exact: bounds.min.exact }),
    }),
  };
}
