import { schemaLeaves } from './deep-merge/leaf.ts';
import type { Footer } from './footer.ts';
import type { MergeFacts } from './merge-key.ts';

/** Past which of the two a row group takes no other: rows, and bytes as they were read. */
export interface GroupLimits {
  readonly groupRows: number;
  readonly groupBytes: number;
}

type RowGroup = Footer['metadata']['row_groups'][number];

/** Row groups that a deep merge would make of those of a footer. Those without rows vanish, and none is ever cut in two. */
export function countMergedGroups(groups: readonly RowGroup[], { groupRows, groupBytes }: GroupLimits): number {
  let count = 0;
  let rows = 0;
  let bytes = 0;
  for (const group of groups) {
    const ownRows = Number(group.num_rows);
    if (ownRows === 0) continue;
    const ownBytes = group.columns.reduce(
      (sum, chunk) => sum + Number(chunk.meta_data?.total_compressed_size ?? 0n),
      0,
    );
    if (count === 0 || rows + ownRows > groupRows || bytes + ownBytes > groupBytes) {
      count += 1;
      rows = 0;
      bytes = 0;
    }
    rows += ownRows;
    bytes += ownBytes;
  }
  return count;
}

/** A footer and what it says about merging its file. */
export interface JudgedFooter {
  readonly footer: Footer;
  readonly facts: MergeFacts;
}

/**
 * What speaks against a file being the same table as another one, written anew from the byte `position` on: another schema,
 * writer or metadata, other counts of rows, values or nulls, chunks that stand elsewhere, a page index that is missing.
 */
export function findRewriteFault(
  before: JudgedFooter,
  after: JudgedFooter,
  { position, length, rowGroups }: { position: number; length: number; rowGroups: number },
): string | undefined {
  if (after.facts.key !== before.facts.key) return 'its schema, writer or metadata differ';
  if (after.footer.rows !== before.footer.rows)
    return `it has ${after.footer.rows} rows where ${before.footer.rows} were`;
  if (after.facts.rowGroups !== rowGroups) return `it has ${after.facts.rowGroups} row groups, not ${rowGroups}`;
  if (fileEnd(after.footer) !== length) return 'what its footer lists does not end where the footer begins';
  for (const [column, leaf] of schemaLeaves(before.footer.schema).entries()) {
    const name = leaf.path.join('.');
    const [was, is] = [sumColumn(before.footer, column), sumColumn(after.footer, column)];
    if (was.values !== is.values) return `${name} has ${is.values} values where ${was.values} were`;
    // What counts as null within lists, writers do not agree on.
    if (leaf.maxRepetition === 0 && was.nulls !== undefined && is.nulls !== undefined && was.nulls !== is.nulls)
      return `${name} has ${is.nulls} nulls where ${was.nulls} were`;
    for (const { columns } of after.footer.metadata.row_groups) {
      const chunk = columns[column];
      const start = chunk?.meta_data?.dictionary_page_offset || chunk?.meta_data?.data_page_offset || 0n;
      if (start < BigInt(position)) return `${name} does not stand behind byte ${position}`;
      if (leaf.maxRepetition === 0 && chunk?.offset_index_offset === undefined) return `${name} has no page index`;
    }
  }
  return undefined;
}

/**
 * True when who planned splits over `length` bytes finds all row groups of another footer in them. Hive and Spark read the footer
 * that they find then, and of its row groups those whose middle lies in their split (parquet-mr's ParquetMetadataConverter).
 */
export function isWithinSplits({ metadata }: Footer, length: number): boolean {
  return metadata.row_groups.every(({ columns }) => {
    const first = columns[0]?.meta_data;
    const start = first?.dictionary_page_offset || first?.data_page_offset || 0n;
    const size = columns.reduce((sum, chunk) => sum + (chunk.meta_data?.total_compressed_size ?? 0n), 0n);
    return start + size / 2n < BigInt(length);
  });
}

/** The length of a file whose footer stands right behind all that it lists. */
export function fileEnd({ metadata, footerBytes }: Footer): number {
  let end = 0n;
  const reach = (offset: bigint | undefined, size: bigint | number | undefined): void => {
    const past = (offset ?? 0n) + BigInt(size ?? 0);
    if (past > end) end = past;
  };
  for (const { columns } of metadata.row_groups)
    for (const { meta_data: data, ...chunk } of columns) {
      reach(data?.dictionary_page_offset || data?.data_page_offset, data?.total_compressed_size);
      reach(data?.bloom_filter_offset, data?.bloom_filter_length);
      reach(chunk.column_index_offset, chunk.column_index_length);
      reach(chunk.offset_index_offset, chunk.offset_index_length);
    }
  return Number(end) + footerBytes + trailer;
}

/** The length of the footer in four bytes, and the magic. */
const trailer = 8;

function sumColumn({ metadata }: Footer, column: number): { values: bigint; nulls: bigint | undefined } {
  let values = 0n;
  let nulls: bigint | undefined = 0n;
  for (const { columns } of metadata.row_groups) {
    const data = columns[column]?.meta_data;
    values += data?.num_values ?? 0n;
    const own = data?.statistics?.null_count;
    nulls = nulls === undefined || own === undefined ? undefined : nulls + own;
  }
  return { values, nulls };
}
