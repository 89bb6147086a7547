import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Change } from '../source.ts';
import { hiveKinds } from './kinds.ts';
import { hiveScope } from './normalise.ts';

/** Events of ours about tables, and what each says has happened; new partitions change nothing that rules look at. */
const happenings: ReadonlyMap<string, string> = new Map([
  ['dev.lakewarden.table.created', 'hive/table'],
  ['dev.lakewarden.table.evolved', 'hive/table'],
  ['dev.lakewarden.table.drifted', 'hive/table'],
  ['dev.lakewarden.metastore.changed', 'hive/table'],
]);

/** Changes in the metastore's own log of notifications, as `metastore.changed` tells them. */
const ofDatabases = /^(CREATE|ALTER|DROP)_DATABASE$/;
const ofPartitions = /PARTITION|^INSERT|^COMMIT|^OPEN_TXN|^ABORT|_STAT_|^ALLOC_WRITE_ID/;

/** Which tables or databases an event concerns; undefined for events that are none of Hive's. */
export function readHiveChanges({ type, data }: CloudEventIn, metastore: string): readonly Change[] | undefined {
  const happening = happenings.get(type);
  if (happening === undefined) return undefined;
  const { table, database, change } = (typeof data === 'object' && data !== null ? data : {}) as Readonly<
    Record<string, unknown>
  >;
  const what = typeof change === 'string' ? change : '';
  if (ofPartitions.test(what)) return [];
  if (ofDatabases.test(what))
    return typeof database === 'string'
      ? [changeOf(metastore, hiveKinds.database, database, database, 'hive/database')]
      : [];
  if (typeof table !== 'string' || !table.includes('.')) return [];
  return [changeOf(metastore, hiveKinds.table, table, table.slice(0, table.indexOf('.')), happening)];
}

function changeOf(metastore: string, kind: string, name: string, database: string, happening: string): Change {
  const place = kind === hiveKinds.database ? { metastore } : { metastore, database };
  return { reference: { kind, scope: hiveScope(metastore, kind), name, place }, deleted: false, happening };
}
