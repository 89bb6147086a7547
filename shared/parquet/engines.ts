import { formatHiveType, type HiveType } from './hive-type.ts';

/** How one engine answers: rightly, with an error, with a silently wrong answer, or unlike each other by how it is asked. */
export type Answer = 'right' | 'error' | 'wrong' | 'mixed';

/**
 * What Trino 476, Hive 4.0.1 and Spark 4.3.0 answered when files of the type `from` stood under a table of the type `to`,
 * in partitions that keep the old type and in partitions that got the new one, with and without a filter on the column.
 */
export interface Verdict {
  readonly from: string;
  readonly to: string;
  readonly trino: Answer;
  readonly hive: Answer;
  readonly spark: Answer;
  /** Where it breaks, as a sentence without its full stop. */
  readonly breaks: string;
}

const statistics = 'Trino compares the file statistics of the old type and';
const oldPartitions = 'Hive fails on partitions that keep the old type';

/** The changes of a leaf type that some engine answers wrongly or not at all, as they were run. */
export const verdicts: readonly Verdict[] = [
  {
    from: 'integer',
    to: 'floating',
    trino: 'error',
    hive: 'mixed',
    spark: 'right',
    breaks: `${statistics} fails as soon as the column is filtered; ${oldPartitions}`,
  },
  {
    from: 'floating',
    to: 'floating',
    trino: 'error',
    hive: 'mixed',
    spark: 'mixed',
    breaks: `${statistics} fails as soon as the column is filtered; ${oldPartitions}`,
  },
  {
    from: 'decimal',
    to: 'decimal',
    trino: 'wrong',
    hive: 'wrong',
    spark: 'mixed',
    breaks: `${statistics} silently loses rows when a column whose scale changed is filtered, and so does Hive`,
  },
  {
    from: 'integer',
    to: 'decimal',
    trino: 'wrong',
    hive: 'mixed',
    spark: 'right',
    breaks: `${statistics} silently loses rows when the column is filtered; ${oldPartitions}`,
  },
  {
    from: 'number',
    to: 'text',
    trino: 'error',
    hive: 'right',
    spark: 'error',
    breaks: 'Trino fails as soon as the column is filtered; Spark cannot read the column',
  },
  {
    from: 'text',
    to: 'number',
    trino: 'wrong',
    hive: 'wrong',
    spark: 'error',
    breaks:
      'Hive and Trino answer null without an error or fail, by what the partition says; Spark cannot read the column',
  },
  {
    from: 'text',
    to: 'text',
    trino: 'wrong',
    hive: 'mixed',
    spark: 'wrong',
    breaks: 'Trino cuts the text off, Hive fails on partitions that keep the old type, Spark does not cut it off',
  },
  {
    from: 'date',
    to: 'timestamp',
    trino: 'error',
    hive: 'mixed',
    spark: 'error',
    breaks: 'Trino and Spark fail; Hive fails where the partition got the new type',
  },
];

/**
 * Says which engine would answer wrongly or fail if data of the type `found` were read under the type `declared`.
 * The two are leaf types, or types of different kinds; a pair that nobody ran is named as such.
 */
export function explainBreak(declared: HiveType, found: HiveType): string {
  const [to, from] = [families(declared), families(found)];
  const verdict =
    verdicts.find((row) => from.includes(row.from) && to.includes(row.to)) ??
    verdicts.find((row) => to.includes(row.from) && from.includes(row.to));
  if (verdict !== undefined) return `${verdict.breaks}.`;
  return `No engine is known to read ${formatHiveType(found)} under ${formatHiveType(declared)} rightly.`;
}

function families(type: HiveType): string[] {
  if (type.kind === 'varchar' || type.kind === 'char') return ['text'];
  if (type.kind === 'decimal') return ['decimal', 'number'];
  if (type.kind !== 'primitive') return [];
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return ['integer', 'number'];
    case 'float':
    case 'double':
      return ['floating', 'number'];
    case 'string':
      return ['text'];
    default:
      return [type.name];
  }
}
