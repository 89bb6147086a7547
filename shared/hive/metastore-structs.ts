import { list, map, struct, type Value } from './thrift/types.ts';

// Ids and types are those of hive_metastore.thrift, Hive 4.0.1; ids never change between versions, so that servers of
// 2.3 and 3.1 leave out what they do not know, and what later ones add is carried along unread.

/** A column: its name, its Hive type as text, and a comment. */
const FieldSchema = struct('FieldSchema', {
  name: [1, 'string', 'required'],
  type: [2, 'string', 'required'],
  comment: [3, 'string'],
});
export type FieldSchema = Value<typeof FieldSchema>;

/** The classes that read and write rows, with their parameters. */
const SerDeInfo = struct('SerDeInfo', {
  name: [1, 'string'],
  serializationLib: [2, 'string'],
  parameters: [3, map('string', 'string')],
  description: [4, 'string'],
  serializerClass: [5, 'string'],
  deserializerClass: [6, 'string'],
  serdeType: [7, 'i32'],
});
export type SerDeInfo = Value<typeof SerDeInfo>;

/** A sort column; order 1 is ascending, 0 descending. */
const Order = struct('Order', { col: [1, 'string'], order: [2, 'i32'] });

/** Columns and values that are stored apart. */
const SkewedInfo = struct('SkewedInfo', {
  skewedColNames: [1, list('string')],
  skewedColValues: [2, list(list('string'))],
  skewedColValueLocationMaps: [3, map(list('string'), 'string')],
});

/** Where and how the data of a table or partition lies. */
const StorageDescriptor = struct('StorageDescriptor', {
  cols: [1, list(FieldSchema)],
  location: [2, 'string'],
  inputFormat: [3, 'string'],
  outputFormat: [4, 'string'],
  compressed: [5, 'bool'],
  numBuckets: [6, 'i32'],
  serdeInfo: [7, SerDeInfo],
  bucketCols: [8, list('string')],
  sortCols: [9, list(Order)],
  parameters: [10, map('string', 'string')],
  skewedInfo: [11, SkewedInfo],
  storedAsSubDirectories: [12, 'bool'],
});
export type StorageDescriptor = Value<typeof StorageDescriptor>;

/** One privilege granted; principal types are 1 user, 2 role, 3 group. */
const PrivilegeGrantInfo = struct('PrivilegeGrantInfo', {
  privilege: [1, 'string'],
  createTime: [2, 'i32'],
  grantor: [3, 'string'],
  grantorType: [4, 'i32'],
  grantOption: [5, 'bool'],
});

const privileges = map('string', list(PrivilegeGrantInfo));

/** Privileges by user, group and role. */
const PrincipalPrivilegeSet = struct('PrincipalPrivilegeSet', {
  userPrivileges: [1, privileges],
  groupPrivileges: [2, privileges],
  rolePrivileges: [3, privileges],
});

/** A database. */
export const Database = struct('Database', {
  name: [1, 'string', 'required'],
  description: [2, 'string'],
  locationUri: [3, 'string'],
  parameters: [4, map('string', 'string')],
  privileges: [5, PrincipalPrivilegeSet],
  ownerName: [6, 'string'],
  ownerType: [7, 'i32'],
  catalogName: [8, 'string'],
  createTime: [9, 'i32'],
  managedLocationUri: [10, 'string'],
});
export type Database = Value<typeof Database>;

/** A table or view. Times are seconds since 1970; owner types are 1 user, 2 role, 3 group. */
export const Table = struct('Table', {
  tableName: [1, 'string', 'required'],
  dbName: [2, 'string', 'required'],
  owner: [3, 'string'],
  createTime: [4, 'i32'],
  lastAccessTime: [5, 'i32'],
  retention: [6, 'i32'],
  sd: [7, StorageDescriptor],
  partitionKeys: [8, list(FieldSchema)],
  parameters: [9, map('string', 'string')],
  viewOriginalText: [10, 'string'],
  viewExpandedText: [11, 'string'],
  tableType: [12, 'string'],
  privileges: [13, PrincipalPrivilegeSet],
  temporary: [14, 'bool'],
  rewriteEnabled: [15, 'bool'],
  catName: [17, 'string'],
  ownerType: [18, 'i32'],
  writeId: [19, 'i64'],
  isStatsCompliant: [20, 'bool'],
  accessType: [22, 'i8'],
  requiredReadCapabilities: [23, list('string')],
  requiredWriteCapabilities: [24, list('string')],
  id: [25, 'i64'],
});
export type Table = Value<typeof Table>;

/** A partition: the values of the table's partition keys, and where its data lies. */
export const Partition = struct('Partition', {
  values: [1, list('string'), 'required'],
  dbName: [2, 'string'],
  tableName: [3, 'string'],
  createTime: [4, 'i32'],
  lastAccessTime: [5, 'i32'],
  sd: [6, StorageDescriptor],
  parameters: [7, map('string', 'string')],
  privileges: [8, PrincipalPrivilegeSet],
  catName: [9, 'string'],
  writeId: [10, 'i64'],
  isStatsCompliant: [11, 'bool'],
});
export type Partition = Value<typeof Partition>;

/** Properties that say how a call is to be performed. */
export const EnvironmentContext = struct('EnvironmentContext', { properties: [1, map('string', 'string')] });

const ClientCapabilities = struct('ClientCapabilities', { values: [1, list('i32'), 'required'] });

/** What get_table_req asks. */
export const GetTableRequest = struct('GetTableRequest', {
  dbName: [1, 'string', 'required'],
  tblName: [2, 'string', 'required'],
  capabilities: [3, ClientCapabilities],
});

/** What get_table_req answers. */
export const GetTableResult = struct('GetTableResult', { table: [1, Table, 'required'] });

/** What get_table_objects_by_name_req asks. */
export const GetTablesRequest = struct('GetTablesRequest', {
  dbName: [1, 'string', 'required'],
  tblNames: [2, list('string')],
  capabilities: [3, ClientCapabilities],
});

/** What get_table_objects_by_name_req answers. */
export const GetTablesResult = struct('GetTablesResult', { tables: [1, list(Table), 'required'] });

/** What a privilege is for; object types are 1 everything, 2 database, 3 table, 4 partition, 5 column. */
export const HiveObjectRef = struct('HiveObjectRef', {
  objectType: [1, 'i32'],
  dbName: [2, 'string'],
  objectName: [3, 'string'],
  partValues: [4, list('string')],
  columnName: [5, 'string'],
  catName: [6, 'string'],
});

/** A privilege that somebody has; principal types are 1 user, 2 role, 3 group. */
export const HiveObjectPrivilege = struct('HiveObjectPrivilege', {
  hiveObject: [1, HiveObjectRef],
  principalName: [2, 'string'],
  principalType: [3, 'i32'],
  grantInfo: [4, PrivilegeGrantInfo],
  authorizer: [5, 'string'],
});
export type HiveObjectPrivilege = Value<typeof HiveObjectPrivilege>;

/** What add_partitions_req asks. */
export const AddPartitionsRequest = struct('AddPartitionsRequest', {
  dbName: [1, 'string', 'required'],
  tblName: [2, 'string', 'required'],
  parts: [3, list(Partition), 'required'],
  ifNotExists: [4, 'bool', 'required'],
  needResult: [5, 'bool'],
  environmentContext: [10, EnvironmentContext],
});

/** What add_partitions_req answers. */
export const AddPartitionsResult = struct('AddPartitionsResult', { partitions: [1, list(Partition)] });

const RequestPartsSpec = struct('RequestPartsSpec', { names: [1, list('string')] });

/** What drop_partitions_req asks. */
export const DropPartitionsRequest = struct('DropPartitionsRequest', {
  dbName: [1, 'string', 'required'],
  tblName: [2, 'string', 'required'],
  parts: [3, RequestPartsSpec, 'required'],
  deleteData: [4, 'bool'],
  ifExists: [5, 'bool'],
  ignoreProtection: [6, 'bool'],
  environmentContext: [7, EnvironmentContext],
  needResult: [8, 'bool'],
});

/** What drop_partitions_req answers. */
export const DropPartitionsResult = struct('DropPartitionsResult', { partitions: [1, list(Partition)] });
