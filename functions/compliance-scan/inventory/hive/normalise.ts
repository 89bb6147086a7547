import type { FileSystemNames } from '#shared/hdfs/location.ts';
import type { Database, FieldSchema, HiveObjectPrivilege, Table } from '#shared/hive/metastore.ts';
import type { Resource } from '../../model/resource.ts';
import {
  type HiveColumn,
  type HiveDatabaseBody,
  type HiveGrant,
  type HiveMetastoreBody,
  type HivePrincipalType,
  type HiveTableBody,
  hiveKinds,
} from './kinds.ts';
import { readLocation } from './location.ts';

/** The id of the listing of a kind. */
export function hiveScope(metastore: string, kind: string): string {
  return `hive/${metastore}/${kind}`;
}

// Numbers of PrincipalType and HiveObjectType in hive_metastore.thrift.
const principalTypes: Readonly<Record<number, HivePrincipalType>> = { 2: 'role', 3: 'group' };
const onDatabase = 2;
const onTable = 3;

/** Privileges, found by what they are for. */
export class HiveGrants {
  readonly #grants = new Map<string, HiveGrant[]>();

  constructor(privileges: readonly HiveObjectPrivilege[]) {
    for (const privilege of privileges) {
      const { objectType, dbName = '', objectName = '' } = privilege.hiveObject ?? {};
      if (objectType !== onDatabase && objectType !== onTable) continue;
      const key = keyOf(dbName, objectType === onTable ? objectName : undefined);
      const known = this.#grants.get(key);
      if (known === undefined) this.#grants.set(key, [readGrant(privilege)]);
      else known.push(readGrant(privilege));
    }
  }

  /** Those on a table, or on a database when no table is named; sorted. */
  on(database: string, table?: string): HiveGrant[] {
    const text = ({ type, principal, privilege }: HiveGrant): string => `${type}\n${principal}\n${privilege}`;
    const found = this.#grants.get(keyOf(database, table)) ?? [];
    return found.toSorted((a, b) => (text(a) < text(b) ? -1 : Number(text(a) > text(b))));
  }
}

function keyOf(database: string, table?: string): string {
  return JSON.stringify([database.toLowerCase(), table?.toLowerCase() ?? null]);
}

function readGrant({ principalName = '', principalType, grantInfo }: HiveObjectPrivilege): HiveGrant {
  return {
    principal: principalName,
    type: principalTypes[principalType ?? 0] ?? 'user',
    privilege: (grantInfo?.privilege ?? '').toUpperCase(),
    withGrant: grantInfo?.grantOption === true,
  };
}

/** What a metastore says of itself. */
export function normaliseMetastore(metastore: string, body: HiveMetastoreBody): Resource<HiveMetastoreBody> {
  return { uid: `hive/${metastore}/metastore`, ...common(metastore, hiveKinds.metastore), name: metastore, body };
}

/** A database as a resource. */
export function normaliseDatabase(
  metastore: string,
  database: Database,
  names: FileSystemNames,
  grants: HiveGrants | undefined,
): Resource<HiveDatabaseBody> {
  const { name, locationUri, ownerName = '', ownerType, parameters } = database;
  return {
    uid: `hive/${metastore}/database/${encodeURIComponent(name)}`,
    ...common(metastore, hiveKinds.database),
    name,
    labels: readProperties(parameters),
    body: {
      database: name,
      owner: ownerName,
      ownerType: principalTypes[ownerType ?? 0] ?? 'user',
      ...(locationUri === undefined ? {} : { location: readLocation(locationUri, names) }),
      ...(grants === undefined ? {} : { grants: grants.on(name) }),
    },
  };
}

/** A table or view as a resource. */
export function normaliseTable(
  metastore: string,
  table: Table,
  names: FileSystemNames,
  grants: HiveGrants | undefined,
): Resource<HiveTableBody> {
  const { dbName, tableName, owner = '', ownerType, sd, parameters, partitionKeys = [], createTime = 0 } = table;
  const purge = parameters?.get('external.table.purge') ?? '';
  return {
    // A table that is made again under its name is another one.
    uid: `hive/${metastore}/table/${encodeURIComponent(dbName)}/${encodeURIComponent(tableName)}#${createTime}`,
    ...common(metastore, hiveKinds.table),
    name: `${dbName}.${tableName}`,
    place: { metastore, database: dbName },
    labels: readProperties(parameters),
    body: {
      database: dbName,
      table: tableName,
      type: readType(table),
      owner,
      ownerType: principalTypes[ownerType ?? 0] ?? 'user',
      ...(sd?.location === undefined || sd.location === '' ? {} : { location: readLocation(sd.location, names) }),
      columns: (sd?.cols ?? []).map(readColumn),
      partitionKeys: partitionKeys.map(readColumn),
      purges: purge.toLowerCase() === 'true',
      ...(grants === undefined ? {} : { grants: grants.on(dbName, tableName) }),
    },
  };
}

/** Old tables are external by a property alone. */
function readType({ tableType = '', parameters }: Table): HiveTableBody['type'] {
  if (/VIEW/.test(tableType)) return 'view';
  if (tableType === 'EXTERNAL_TABLE' || parameters?.get('EXTERNAL')?.toUpperCase() === 'TRUE') return 'external';
  return tableType === 'MANAGED_TABLE' ? 'managed' : 'other';
}

function readColumn({ name, type, comment }: FieldSchema): HiveColumn {
  return { name, type, ...(comment === undefined || comment === '' ? {} : { comment }) };
}

/** What engines write for themselves, and change with each load. */
const machines =
  /^(EXTERNAL|numFiles|numRows|numPartitions|totalSize|rawDataSize|COLUMN_STATS_ACCURATE|transient_lastDdlTime|last_modified_(by|time)|bucketing_version|numFilesErasureCoded|avro\.schema\..*|spark\.sql\..*|TRANSLATED_TO_EXTERNAL|STATS_GENERATED.*)$/;
const longest = 1_000;

function readProperties(parameters: ReadonlyMap<string, string> | undefined): Record<string, string> {
  const kept = [...(parameters ?? [])].filter(([name, value]) => !machines.test(name) && value.length <= longest);
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function common(metastore: string, kind: string) {
  return { kind, scope: hiveScope(metastore, kind), place: { metastore } };
}
