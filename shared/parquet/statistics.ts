import type { ColumnChunk } from './bounds.ts';
import { chunkStatistics } from './chunk-statistics.ts';
import {
  type ColumnStatistics,
  hasValues,
  mergeStatistics,
  nullStatistics,
  unknownStatistics,
} from './column-statistics.ts';
import type { Column } from './columns.ts';
import type { FileMetaDataFields } from './footer-codec/file-metadata.ts';
import type { HiveType } from './hive-type.ts';
import { joinLeaves, sameType, type Widening } from './leaf-join.ts';
import { type LeafType, leafType } from './leaf-type.ts';
import { buildSchemaTree, type SchemaNode } from './schema-tree.ts';

/** The statistics of a column in the type that the file gives it; no type stands for one that cannot be told or is nested. */
export interface FileColumn {
  readonly type: HiveType | undefined;
  readonly statistics: ColumnStatistics;
}

/** What a footer says for certain of its file, by names of columns in lower case. */
export interface FileStatistics {
  readonly rows: bigint;
  /** Bytes of all columns before compression, with their page headers. */
  readonly uncompressedBytes: bigint;
  readonly columns: ReadonlyMap<string, FileColumn>;
}

/** What the footers of all files of a partition say for certain of it, in the table's types. Nested columns are left out. */
export interface PartitionStatistics {
  readonly rows: bigint;
  readonly uncompressedBytes: bigint;
  readonly columns: ReadonlyMap<string, ColumnStatistics>;
}

/**
 * Reads the statistics of all columns from a footer, over all its row groups. With the sizes of its dictionaries (see
 * `readDictionarySizes`) more is known of the numbers of distinct values.
 */
export function fileStatistics(
  { metadata }: { readonly metadata: FileMetaDataFields },
  dictionaries: ReadonlyMap<ColumnChunk, bigint> = new Map(),
): FileStatistics {
  const { schema, num_rows: rows, row_groups: groups, column_orders: orders } = metadata;
  const columns = new Map<string, FileColumn>();
  let leaves = 0;
  for (const node of buildSchemaTree(schema).children) {
    const index = leaves;
    leaves += countLeaves(node);
    const name = node.element.name.toLowerCase();
    const leaf = flatLeaf(node);
    // Of two columns that differ in nothing but letter case each engine reads another one.
    if (leaf === undefined || columns.has(name)) {
      columns.set(name, { type: undefined, statistics: unknownStatistics(rows) });
    } else if (!('type' in leaf)) {
      columns.set(name, { type: undefined, statistics: nullStatistics(rows) });
    } else {
      const { type } = leaf;
      const order = orders?.[index];
      const ordered = order?.TYPE_ORDER !== undefined || order?.IEEE_754_TOTAL_ORDER !== undefined;
      const column = { element: node.element, type, ordered };
      const parts = groups.map(({ columns: chunks, num_rows: count }) => {
        const chunk = chunks[index];
        return chunkStatistics(chunk, column, count, chunk && dictionaries.get(chunk));
      });
      columns.set(name, { type, statistics: parts.reduce(mergeStatistics, nullStatistics(0n)) });
    }
  }
  const uncompressedBytes = groups.reduce((total, group) => total + group.total_byte_size, 0n);
  return { rows, uncompressedBytes, columns };
}

/** Merges the statistics of all files of a partition for the columns of its table. */
export function partitionStatistics(
  files: readonly FileStatistics[],
  columns: readonly Pick<Column, 'name' | 'type'>[],
): PartitionStatistics {
  const flat = columns.filter(({ type }) => !nestedKinds.has(type.kind));
  return {
    rows: files.reduce((total, { rows }) => total + rows, 0n),
    uncompressedBytes: files.reduce((total, file) => total + file.uncompressedBytes, 0n),
    columns: new Map(
      flat.map(({ name, type }) => {
        const parts = files.map((file) => {
          const found = file.columns.get(name);
          return found === undefined ? nullStatistics(file.rows) : widenStatistics(found, type);
        });
        return [name, parts.reduce(mergeStatistics, nullStatistics(0n))];
      }),
    ),
  };
}

/** Merges statistics of different files of one partition, for the same columns. */
export function mergePartitions(a: PartitionStatistics, b: PartitionStatistics): PartitionStatistics {
  const merged = [...a.columns].map(([name, statistics]) => {
    const other = b.columns.get(name);
    return [name, other === undefined ? statistics : mergeStatistics(statistics, other)] as const;
  });
  return {
    rows: a.rows + b.rows,
    uncompressedBytes: a.uncompressedBytes + b.uncompressedBytes,
    columns: new Map(merged),
  };
}

const nestedKinds: ReadonlySet<HiveType['kind']> = new Set(['array', 'map', 'struct', 'other']);
const numericWidenings: readonly Widening[] = ['float->double', 'int->double', 'int->decimal', 'decimal-scale'];

/** A file's statistics as its values appear under a wider type of the table; unknown when the type is no wider one. */
function widenStatistics({ type: from, statistics }: FileColumn, to: HiveType): ColumnStatistics {
  if (!hasValues(statistics)) return statistics;
  const join = from && joinLeaves(from, to, numericWidenings);
  if (from === undefined || join === undefined || !sameType(join.type, to)) return unknownStatistics(statistics.rows);
  const { range } = statistics;
  const widen = widenValue(from, to);
  return { ...statistics, range: range && { low: widen(range.low), high: widen(range.high) } };
}

/** An int is an exact double; a decimal's unscaled value grows with its scale. */
function widenValue(from: HiveType, to: HiveType): (value: bigint | number) => bigint | number {
  if (to.kind === 'decimal') {
    const factor = 10n ** BigInt(to.scale - (from.kind === 'decimal' ? from.scale : 0));
    return (value) => BigInt(value) * factor;
  }
  return to.kind === 'primitive' && to.name === 'double' ? Number : (value) => value;
}

/** How a column that is neither nested nor repeated appears in Hive, when it does. */
function flatLeaf({ element }: SchemaNode): Exclude<LeafType, { reason: string }> | undefined {
  if (element.type === undefined || element.repetition_type === 'REPEATED') return undefined;
  const leaf = leafType(element);
  return 'reason' in leaf ? undefined : leaf;
}

function countLeaves(node: SchemaNode): number {
  if (node.element.type !== undefined) return 1;
  return node.children.reduce((total, child) => total + countLeaves(child), 0);
}
