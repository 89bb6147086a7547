import { createHash } from 'node:crypto';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import type { NotedPartition, Notification } from '#shared/hive/notification.ts';
import {
  columnsProperty,
  droppingProperty,
  filesProperty,
  offsetsProperty,
  rowsProperty,
  versionProperty,
} from '../properties.ts';

type Parameters = Table['parameters'];

/**
 * True for a change that metastore-sync itself made, by what it leaves in the metastore. Each of its alters gives a
 * parameter of ours another value: of a table the version, of a partition the digest of its files. Other writers carry
 * along what they read. What cannot be read is taken for somebody else's. `ownTable` is the table of the topic that the
 * table is marked with.
 */
export function isOurs(notification: Notification, ownTable: string | undefined): boolean {
  const { type, before, after, partitions, unreadable } = notification;
  if (unreadable !== undefined || after === undefined) return false;
  if (`${after.dbName}.${after.tableName}`.toLowerCase() !== ownTable?.toLowerCase()) return false;
  if (type === 'CREATE_TABLE') return after.parameters?.get(versionProperty) === '1';
  if (type === 'ALTER_TABLE') return before !== undefined && follows(before, after);
  if (partitions.length === 0) return false;
  if (type === 'ADD_PARTITION') return partitions.every(({ after: body }) => body !== undefined && wasAdded(body));
  if (type === 'ALTER_PARTITION') return partitions.every(isAccounted);
  if (type === 'DROP_PARTITION') return isDropping(after.parameters, partitions);
  return false;
}

/** True when a table is what our next alter of another state of it left. */
function follows(before: Table, after: Table): boolean {
  const version = Number(before.parameters?.get(versionProperty) ?? 0) + 1;
  return after.tableName === before.tableName && after.parameters?.get(versionProperty) === String(version);
}

/** True for a partition as we add it. One that somebody adds again with our parameters has the time of the first one. */
function wasAdded({ parameters, createTime }: Partition): boolean {
  return parameters?.has(filesProperty) === true && parameters.get('transient_lastDdlTime') === String(createTime);
}

/** True when the digest of a partition's files is another one now, or what we keep of them beside it. */
function isAccounted({ before, after }: NotedPartition): boolean {
  return [filesProperty, rowsProperty, offsetsProperty, columnsProperty].some((name) => {
    const value = after?.parameters?.get(name);
    return value !== undefined && value !== before?.parameters?.get(name);
  });
}

function isDropping(parameters: Parameters, partitions: readonly NotedPartition[]): boolean {
  const dropping = new Set((parameters?.get(droppingProperty) ?? '').split(' '));
  return partitions.every(({ name }) => dropping.has(shortHash(name)));
}

/** What stands on the table while these partitions are dropped: the metastore tells no more of them than their names. */
export function droppingMark(names: readonly string[]): string {
  return names.map(shortHash).join(' ');
}

function shortHash(name: string): string {
  return createHash('sha256').update(name).digest('base64url').slice(0, 10);
}
