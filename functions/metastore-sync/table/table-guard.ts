import type { FileSystemNames } from '#shared/hdfs/location.ts';
import type { Table } from '#shared/hive/metastore.ts';
import type { TopicSettings } from '../config.ts';
import type { Problem } from '../problem.ts';
import { liesAt } from '../survey/place.ts';
import { topicProperty } from '../properties.ts';

/** Why a table must not be touched, or undefined when it is ours (or named for adoption) and a plain external Parquet table. */
export function judgeTable(table: Table, topic: TopicSettings, lake: FileSystemNames): Problem | undefined {
  const parameter = (name: string): string => table.parameters?.get(name)?.toLowerCase() ?? '';
  const name = `${topic.database}.${topic.table}`;
  const objection = (code: Problem['code'], reason: string): Problem => ({
    code,
    topic: topic.topic,
    table: name,
    message: `the table ${name} is left alone: ${reason}`,
  });

  if (table.tableType?.endsWith('VIEW')) return objection('table.unsupported', 'it is a view');
  if (parameter('transactional') === 'true') return objection('table.unsupported', 'it is transactional (ACID)');
  const format = parameter('table_type') || parameter('spark.sql.sources.provider');
  const input = table.sd?.inputFormat?.toLowerCase() ?? '';
  for (const other of ['iceberg', 'delta', 'hudi', 'paimon']) {
    if (format === other || input.includes(other) || parameter('storage_handler').includes(other))
      return objection('table.unsupported', `it is an ${other} table, which its own tools register`);
  }
  if (parameter('storage_handler') !== '') return objection('table.unsupported', 'it is kept by a storage handler');

  const mark = table.parameters?.get(topicProperty);
  if (mark === undefined && !topic.adopt)
    return objection(
      'table.not_ours',
      `somebody else made it (it has no ${topicProperty}); set adopt for the topic to let metastore-sync keep it`,
    );
  if (mark !== undefined && mark !== topic.topic)
    return objection('table.collision', `it belongs to the topic ${mark}`);
  if (table.tableType !== 'EXTERNAL_TABLE')
    return objection('table.unsupported', `it is a ${table.tableType}, not an external table`);
  if (!/parquet/.test(input))
    return objection('table.unsupported', `its input format is ${table.sd?.inputFormat}, not Parquet`);
  if (parameter('discover.partitions') === 'true') {
    return objection(
      'table.discovered_by_hive',
      "discover.partitions is true: Hive's background task would drop partitions of plain folders; set it to false",
    );
  }
  if (!liesAt(table.sd?.location, topic.location, lake))
    return objection('table.location_differs', `it lies at ${table.sd?.location}, not at ${topic.location}`);
  const declared = (table.partitionKeys ?? []).map((key) => `${key.name} ${key.type}`).join(', ');
  const wanted = (topic.templates[0]?.keys ?? []).map((key) => `${key.name} ${key.type}`).join(', ');
  if (declared !== wanted)
    return objection('table.keys_differ', `it is partitioned by (${declared}), the layout says (${wanted})`);
  return undefined;
}
