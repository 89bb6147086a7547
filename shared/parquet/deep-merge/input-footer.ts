import { wire, WireReader } from '../footer-codec/wire.ts';
import { fileMetaData, keyValue } from '../footer-codec/file-metadata.ts';
import { ThriftStruct } from '../footer-codec/tree.ts';
import { list, struct } from '../footer-codec/struct.ts';
import { type ChunkClaims, expectType, readClaims, readLong, structIn } from './claims.ts';
import { aboutPlace, corrupt, encrypted, unsupported } from './fault.ts';
import type { Leaf } from './leaf.ts';

/** A row group as its footer has it. */
export interface InputGroup {
  readonly index: number;
  readonly rows: number;
  /** Nothing for a row group without rows. */
  readonly chunks: readonly ChunkClaims[];
}

/** What a footer says beside its row groups. */
export interface FooterFrame {
  /** All that files must have in common, field by field: schema, writer, column orders, what is not known. */
  readonly common: readonly Uint8Array[];
  readonly pairs: readonly KeyValue[];
}

interface KeyValue {
  readonly key: string;
  readonly value?: string;
}

/** What is the same in all files that are merged. */
export interface Columns {
  readonly leaves: readonly Leaf[];
  /** For each leaf whether the footer defines the order of its values. */
  readonly ordered: readonly boolean[];
}

/** Which columns have an order that the footer defines. */
export function orderedColumns(footer: Uint8Array, leaves: readonly Leaf[]): boolean[] {
  const orders = new ThriftStruct(fileMetaData, footer).get('column_orders')?.items ?? [];
  return leaves.map((_, index) => orders[index]?.get('TYPE_ORDER') !== undefined);
}

const pairsKind = list(struct(keyValue));

/**
 * Reads a footer in one pass and tells its row groups one by one, those that are `wanted`.
 * @throws parquet.corrupt, parquet.encrypted, parquet.unsupported
 */
export function readInputFooter(
  path: string,
  footer: Uint8Array,
  { leaves, ordered }: Columns,
  onGroup: (group: InputGroup) => void,
  wanted?: ReadonlySet<number>,
): FooterFrame {
  const reader = new WireReader(footer);
  const common: Uint8Array[] = [];
  let pairs: readonly KeyValue[] = [];
  let claimed = -1;
  let rows = 0;
  for (let type = reader.readFieldHeader(0); type !== wire.stop; type = reader.readFieldHeader(reader.fieldId)) {
    const id = reader.fieldId;
    const start = reader.at;
    if (id === 3) claimed = readLong(reader, type);
    else if (id === 4) {
      expectType(reader, type, wire.list);
      const count = reader.readListHeader();
      if (count > 0 && reader.elementType !== wire.struct) throw reader.corrupt('row groups are no structs');
      for (let index = 0; index < count; index++) {
        if (wanted !== undefined && !wanted.has(index)) {
          reader.skipStruct();
          continue;
        }
        const group = readGroup(reader, path, index, leaves, ordered);
        rows += group.rows;
        onGroup(group);
      }
    } else if (id === 5) {
      expectType(reader, type, wire.list);
      pairs = pairsKind.read(reader, type);
    } else if (id === 8 || id === 9) throw encrypted('it has encrypted columns or a signed footer');
    else {
      reader.skipField(type);
      common.push(Uint8Array.of(id, id >> 8, type), footer.subarray(start, reader.at));
    }
    reader.fieldId = id;
  }
  if (reader.at < footer.length) throw unsupported('something stands behind its footer');
  if (wanted === undefined && rows !== claimed) throw corrupt(`it counts ${claimed} rows, its row groups ${rows}`);
  return { common, pairs };
}

function readGroup(
  reader: WireReader,
  path: string,
  index: number,
  leaves: readonly Leaf[],
  ordered: readonly boolean[],
): InputGroup {
  let chunks: ChunkClaims[] = [];
  let rows = -1;
  for (let type = reader.readFieldHeader(0); type !== wire.stop; type = reader.readFieldHeader(reader.fieldId)) {
    const id = reader.fieldId;
    if (id === 1) {
      expectType(reader, type, wire.list);
      chunks = readChunks(reader, path, index, leaves, ordered);
    } else if (id === 3) rows = readLong(reader, type);
    else reader.skipField(type);
    reader.fieldId = id;
  }
  if (rows < 0) throw corrupt(`row group ${index} has ${rows} rows`);
  if (chunks.length !== leaves.length)
    throw corrupt(`row group ${index} has ${chunks.length} columns, the schema ${leaves.length}`);
  if (rows === 0 && chunks.some(({ values }) => values > 0)) throw corrupt(`row group ${index} has values and no rows`);
  return { index, rows, chunks: rows === 0 ? [] : chunks };
}

function readChunks(
  reader: WireReader,
  path: string,
  rowGroup: number,
  leaves: readonly Leaf[],
  ordered: readonly boolean[],
): ChunkClaims[] {
  const count = reader.readListHeader();
  if (count !== leaves.length) throw corrupt(`row group ${rowGroup} has ${count} columns, the schema ${leaves.length}`);
  const { elementType } = reader;
  return leaves.map((leaf, column) => {
    try {
      return readClaims(structIn(reader, elementType), leaf, ordered[column] === true);
    } catch (error) {
      throw aboutPlace({ path, rowGroup, column: leaf.path.join('.') }, error);
    }
  });
}

/** True when files of these footers can be merged: they differ in rows, row groups and these keys alone. */
export function haveCommonFrame(a: FooterFrame, b: FooterFrame, tolerated: ReadonlySet<string>): boolean {
  return (
    a.common.length === b.common.length &&
    a.common.every((bytes, index) => Buffer.compare(bytes, b.common[index] as Uint8Array) === 0) &&
    strictPairs(a, tolerated) === strictPairs(b, tolerated)
  );
}

/** Writers put the pairs in any order. */
function strictPairs({ pairs }: FooterFrame, tolerated: ReadonlySet<string>): string {
  const strict = pairs.filter(({ key }) => !tolerated.has(key));
  return strict
    .map(({ key, value }) => JSON.stringify([key, value]))
    .toSorted()
    .join();
}
