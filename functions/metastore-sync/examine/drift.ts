import type { FileSystemNames } from '#shared/hdfs/location.ts';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import type { HiveType } from '#shared/parquet/hive-type.ts';
import { joinColumns } from '#shared/parquet/lattice.ts';
import type { TopicSettings } from '../config.ts';
import { layoutProperty, topicProperty, versionProperty } from '../properties.ts';
import { readType } from '../table/declared-columns.ts';
import { judgeTable } from '../table/table-guard.ts';
import type { Finding } from './tally.ts';

type Observation = Omit<Finding, 'where'>;
type HiveColumns = readonly { readonly name: string; readonly type: string }[];

/** What somebody changed on a table since metastore-sync made it; false when its partitions are not to be compared. */
export function compareTable(
  table: Table,
  topic: TopicSettings,
  lake: FileSystemNames,
): { findings: Finding[]; comparable: boolean } {
  const where = `${topic.database}.${topic.table}`;
  const objection = judgeTable(table, topic, lake);
  const wanted: Readonly<Record<string, string>> = {
    EXTERNAL: 'TRUE',
    'discover.partitions': 'false',
    'external.table.purge': 'false',
    [layoutProperty]: topic.templates.map((template) => template.text).join(' '),
  };
  const findings: Finding[] = [];
  if (objection !== undefined) findings.push({ code: objection.code, about: '', message: objection.message, where });
  for (const { name, type } of table.sd?.cols ?? [])
    if (readType(type).kind === 'other')
      findings.push({
        code: 'column.unsupported',
        about: name,
        message: `no file holds a column of type ${type}`,
        where,
      });
  // A table that was adopted never had our properties.
  if (table.parameters?.get(topicProperty) === topic.topic) {
    for (const [name, value] of Object.entries(wanted)) {
      const found = table.parameters.get(name);
      if (found?.toLowerCase() === value.toLowerCase()) continue;
      const message = `it ${found === undefined ? 'is not set' : `is ${found}`}, metastore-sync sets ${value}`;
      findings.push({ code: 'table.property', about: name, message, where });
    }
    if (!/^\d+$/.test(table.parameters.get(versionProperty) ?? '')) {
      const message = 'it counts our alters, so that none is lost among several writers';
      findings.push({ code: 'table.property', about: versionProperty, message, where });
    }
  }
  return { findings, comparable: objection === undefined || objection.code === 'table.discovered_by_hive' };
}

/** How a partition's own columns and format differ from the table's in a way that metastore-sync never makes them. */
export function comparePartition(table: Table, partition: Partition): Observation[] {
  const observations = compareColumns(table.sd?.cols ?? [], partition.sd?.cols ?? []);
  const [ours, own] = [table.sd, partition.sd];
  if (ours?.inputFormat !== own?.inputFormat || ours?.serdeInfo?.serializationLib !== own?.serdeInfo?.serializationLib)
    observations.push({
      code: 'partition.format',
      about: own?.inputFormat?.split('.').at(-1) ?? '',
      message: "its files would be read in another format than the table's",
    });
  return observations;
}

/** Columns of the table against those of a partition, which are as the table's were at some time before. */
export function compareColumns(table: HiveColumns, partition: HiveColumns): Observation[] {
  const tableTypes = new Map(table.map(({ name, type }) => [name, type]));
  const before = new Set(partition.map(({ name }) => name));
  const kept = partition.filter(({ name }) => tableTypes.has(name)).map(({ name }) => name);
  const order = table.filter(({ name }) => before.has(name)).map(({ name }) => name);
  const last = table.findLastIndex(({ name }) => before.has(name));
  const observe = (code: string, about: string, message: string): Observation => ({ code, about, message });
  return [
    ...partition
      .filter(({ name }) => !tableTypes.has(name))
      .map(({ name, type }) => observe('column.removed', name, `${type} in partitions, and not in the table any more`)),
    ...kept
      .filter((name, index) => order[index] !== name)
      .map((name) =>
        observe('column.moved', name, 'it stands at another place than in partitions: Hive may answer NULL for it'),
      ),
    ...table
      .slice(0, Math.max(last, 0))
      .filter(({ name }) => !before.has(name))
      .map(({ name }) =>
        observe(
          'column.inserted',
          name,
          'it was put before others: Hive answers NULL for those after it in old partitions',
        ),
      ),
    ...partition.flatMap(({ name, type }) => {
      const now = tableTypes.get(name);
      if (now === undefined || now === type) return [];
      const reason = retyped(type, now);
      return reason === undefined
        ? []
        : [observe('column.retyped', name, `${now} in the table, ${type} in partitions: ${reason}`)];
    }),
  ];
}

/** Why a column's change of type is none that metastore-sync makes; undefined when it is one. */
function retyped(before: string, now: string): string | undefined {
  const [old, present] = [readType(before), readType(now)];
  const join = (a: HiveType, b: HiveType) => joinColumns([{ name: 'c', type: a }], [{ name: 'c', type: b }]);
  const forth = join(old, present);
  if (forth.conflicts[0] !== undefined) return forth.conflicts[0].breaks;
  if (join(present, old).changes.length > 0) return 'the table holds less than the partitions do';
  if (forth.changes.some(({ change }) => change === 'widen'))
    return 'Hive fails on partitions of the old type; it was not widened in all of them (CASCADE)';
  return undefined;
}
