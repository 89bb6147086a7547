import { encodeFooter, type MetadataTree, openMetadata } from './footer-codec/codec.ts';
import { keyValue, rowGroup } from './footer-codec/file-metadata.ts';
import { offsetIndex } from './footer-codec/page-index.ts';
import { makeList, makeStruct, struct } from './footer-codec/struct.ts';
import { ThriftStruct } from './footer-codec/tree.ts';
import { corruptFooter, WireReader } from './footer-codec/wire.ts';
import { encodeManifest, manifestKey, type PieceManifest } from './piece-manifest.ts';
import { toleratedKeys } from './tolerated-keys.ts';

/** A file that becomes a part of the merged one, and the parts of it that its place changes. */
export interface TailPiece {
  /** Bytes of the whole file. */
  readonly length: number;
  /** The metadata of its footer. */
  readonly footer: Uint8Array;
  /** The bytes that hold its offset indexes, when it has some. */
  readonly indexes?: readonly { readonly offset: number; readonly bytes: Uint8Array }[] | undefined;
}

/** Ordinals of row groups are 16-bit numbers. */
const maxOrdinals = 0x7fff + 1;

type RowGroup = ThriftStruct<typeof rowGroup.fields>;

/**
 * Builds what must stand behind files that stand one after the other, so that together they are one Parquet file: their
 * offset indexes, which name places in the file, and a footer of all their row groups. Column indexes and bloom filters are
 * used where they stand. Row groups are kept as bytes, so that memory grows with the footers alone.
 */
export class ConcatTail {
  readonly #total: number;
  readonly #indexes: Uint8Array[] = [];
  readonly #groups: Uint8Array[] = [];
  #first: MetadataTree | undefined;
  #base = 0;
  #indexBytes = 0;
  #rows = 0n;
  readonly #pairs = new Map<string, ThriftStruct<typeof keyValue.fields>>();

  /** Begins a tail for files of `length` bytes together. */
  constructor(length: number) {
    this.#total = length;
  }

  /**
   * Adds the next file; all must have one merge key (`judgeMerge`).
   * @throws parquet.corrupt when an offset index is none, or names places outside of its file
   */
  add({ length, footer, indexes }: TailPiece): void {
    const { metadata } = openMetadata(footer);
    this.#first ??= metadata;
    this.#rows += metadata.get('num_rows') ?? 0n;
    for (const pair of metadata.get('key_value_metadata')?.items ?? []) {
      const key = pair.get('key') ?? '';
      if (toleratedKeys.has(key) && !this.#pairs.has(key)) this.#pairs.set(key, pair);
    }
    for (const group of metadata.get('row_groups')?.items ?? []) {
      this.#shift(group, BigInt(this.#base), length, indexes);
      if (group.get('ordinal') !== undefined)
        group.set('ordinal', this.#groups.length < maxOrdinals ? this.#groups.length : undefined);
      this.#groups.push(group.toBytes());
    }
    this.#base += length;
  }

  /** The bytes of the tail. All files must have been added. */
  finish(manifest: PieceManifest): Uint8Array {
    const footer = this.#first;
    if (footer === undefined || this.#base !== this.#total) throw new RangeError('the tail lacks some of its files');
    const groups = this.#groups.map((bytes): RowGroup => new ThriftStruct(rowGroup, bytes));
    if (groups.length > maxOrdinals) for (const group of groups) group.set('ordinal', undefined);
    footer.set('num_rows', this.#rows);
    footer.set('row_groups', makeList(struct(rowGroup), groups));
    footer.set('key_value_metadata', makeList(struct(keyValue), this.#keyValues(footer, manifest)));
    const end = encodeFooter(footer.toBytes());
    const tail = new Uint8Array(this.#indexBytes + end.length);
    let at = 0;
    for (const part of [...this.#indexes, end]) {
      tail.set(part, at);
      at += part.length;
    }
    return tail;
  }

  /** The first file's pairs, then tolerated ones that only later files have, then the manifest. */
  #keyValues(footer: MetadataTree, manifest: PieceManifest): ThriftStruct<typeof keyValue.fields>[] {
    const own = (footer.get('key_value_metadata')?.items ?? []).filter((pair) => pair.get('key') !== manifestKey);
    const keys = new Set(own.map((pair) => pair.get('key')));
    const later = [...this.#pairs].filter(([key]) => !keys.has(key)).map(([, pair]) => pair);
    return [...own, ...later, makeStruct(keyValue, { key: manifestKey, value: encodeManifest(manifest) })];
  }

  #shift(group: RowGroup, base: bigint, length: number, indexes: TailPiece['indexes']): void {
    if (base === 0n) return;
    for (const chunk of group.get('columns')?.items ?? []) {
      const data = chunk.get('meta_data');
      // Some writers say 0 for "none".
      const moved = (offset: bigint | undefined): bigint | undefined => offset && offset + base;
      chunk.set('file_offset', moved(chunk.get('file_offset')));
      chunk.set('column_index_offset', moved(chunk.get('column_index_offset')));
      for (const name of offsetsOfData) data?.set(name, moved(data.get(name)));
      const [at, size] = [chunk.get('offset_index_offset'), chunk.get('offset_index_length') ?? 0];
      if (at === undefined) continue;
      const start = Number(at);
      const span = indexes?.find(({ offset, bytes: held }) => offset <= start && start < offset + held.length);
      const bytes = span?.bytes.subarray(start - span.offset, start - span.offset + size);
      const index = shiftIndex(bytes ?? new Uint8Array(0), base, BigInt(length));
      chunk.set('offset_index_offset', BigInt(this.#total + this.#indexBytes));
      chunk.set('offset_index_length', index.length);
      this.#indexes.push(index);
      this.#indexBytes += index.length;
    }
    group.set('file_offset', group.get('file_offset') && (group.get('file_offset') ?? 0n) + base);
  }
}

const offsetsOfData = [
  'data_page_offset',
  'index_page_offset',
  'dictionary_page_offset',
  'bloom_filter_offset',
] as const;

/** The offset index of pages that moved. */
function shiftIndex(bytes: Uint8Array, base: bigint, length: bigint): Uint8Array {
  const reader = new WireReader(bytes);
  reader.skipStruct();
  if (reader.at !== bytes.length) throw corruptFooter(`an offset index has ${bytes.length - reader.at} bytes too many`);
  const index = new ThriftStruct(offsetIndex, bytes);
  for (const page of index.get('page_locations')?.items ?? []) {
    const offset = page.get('offset') ?? -1n;
    const size = BigInt(page.get('compressed_page_size') ?? -1);
    if (offset < 0n || size < 0n || offset + size > length)
      throw corruptFooter('an offset index names a page outside of its file');
    page.set('offset', offset + base);
  }
  return index.toBytes();
}
