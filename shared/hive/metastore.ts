import { isError } from '../errors/error.ts';
import { orUndefined } from './metastore-error.ts';
import { holdLock, type Guard, type Held, type LockOptions } from './metastore-lock.ts';
import type { CallOptions, MetastoreOptions } from './metastore-options.ts';
import type { LockRequest } from './lock-structs.ts';
import { methods } from './metastore-methods.ts';
import { doNotCount, MetastorePartitions } from './metastore-partitions.ts';
import type { Database, HiveObjectPrivilege, Table } from './metastore-structs.ts';
import type { NotificationEvent } from './notification-structs.ts';
import type { Value } from './thrift/types.ts';

export type { CallOptions, MetastoreOptions } from './metastore-options.ts';
export type { Database, FieldSchema, HiveObjectPrivilege, Partition, Table } from './metastore-structs.ts';
export type { NotificationEvent } from './notification-structs.ts';
export type { ColumnStatisticsData, ColumnStatisticsObj } from './statistics-structs.ts';

// INSERT_ONLY_TABLES: without it the server does not show such tables, and we could not say why we leave them alone.
const capabilities = { values: [2] };
// Hive 3.1 fails when the properties are left out.
const noContext = { properties: new Map<string, string>() };

/**
 * A client of the Hive metastore (2.3 to 4.x) that loses nothing: fields that it does not know stay in the tables and
 * partitions it read, and go back when they are altered, as long as values are changed by `{ ...table, owner }`.
 *
 * Each method throws deadline.exceeded, metastore.unavailable, metastore.protocol, metastore.unsupported, and
 * metastore.invalid, not_found, exists or modified for what the server refuses. After deadline.exceeded or
 * metastore.unavailable with `details.ambiguous`, a write may have been performed.
 */
export class Metastore extends MetastorePartitions {
  readonly #user: string;
  #guard: Guard | undefined;

  constructor(options: MetastoreOptions) {
    super(options);
    this.#user = options.user ?? 'lakewarden';
  }

  /** The names of all databases. */
  async databases(options: CallOptions = {}): Promise<readonly string[]> {
    return this.call(methods.getAllDatabases, {}, 'the list of databases', options);
  }

  /** A database, or undefined when there is none of the name. */
  async database(name: string, options: CallOptions = {}): Promise<Database | undefined> {
    return orUndefined(this.call(methods.getDatabase, { name }, `database ${name}`, options));
  }

  /** Creates a database. Throws metastore.exists. */
  async createDatabase(database: Database, options: CallOptions = {}): Promise<void> {
    await this.call(methods.createDatabase, { database }, `to create database ${database.name}`, options);
  }

  /** Drops a database, which must be empty; its folder only with `deleteData`. Throws metastore.not_found. */
  async dropDatabase(name: string, options: CallOptions & { readonly deleteData?: boolean } = {}): Promise<void> {
    const args = { name, deleteData: options.deleteData ?? false, cascade: false };
    await this.call(methods.dropDatabase, args, `to drop database ${name}`, options);
  }

  /** The names of the tables of a database that fit a pattern (`*` any text, `|` alternatives). */
  async tables(db: string, pattern = '*', options: CallOptions = {}): Promise<readonly string[]> {
    return this.call(methods.getTables, { db_name: db, pattern }, `the tables of ${db}`, options);
  }

  /** A table, or undefined when there is none of the name (or no such database). */
  async table(db: string, name: string, options: CallOptions = {}): Promise<Table | undefined> {
    const args = { req: { dbName: db, tblName: name, capabilities } };
    const result = await orUndefined(this.call(methods.getTable, args, `table ${db}.${name}`, options));
    return result?.table;
  }

  /** The tables with these names, in no certain order; names that do not exist are left out. Throws metastore.not_found. */
  async tablesByNames(db: string, names: readonly string[], options: CallOptions = {}): Promise<readonly Table[]> {
    if (names.length === 0) return [];
    const args = { req: { dbName: db, tblNames: names, capabilities } };
    return (await this.call(methods.getTablesByNames, args, `tables of ${db}`, options)).tables;
  }

  /**
   * All privileges on a table or a database, or on all things when none is named. The server may refuse to tell them
   * (metastore.invalid).
   */
  async privileges(
    of?: { readonly database: string; readonly name?: string },
    options: CallOptions = {},
  ): Promise<readonly HiveObjectPrivilege[]> {
    const hiveObject =
      of === undefined
        ? {}
        : { objectType: of.name === undefined ? 2 : 3, dbName: of.database, objectName: of.name, partValues: [] };
    // Without a name of somebody, everybody is meant; the type must be there all the same.
    return this.call(methods.listPrivileges, { principal_type: 1, hiveObject }, 'privileges', options);
  }

  /** Creates a table. Throws metastore.exists, and metastore.invalid when there is no such database. */
  async createTable(table: Table, options: CallOptions = {}): Promise<void> {
    const args = { tbl: table, environment_context: noContext };
    await this.call(methods.createTable, args, `to create ${table.dbName}.${table.tableName}`, options);
  }

  /**
   * Replaces a table by another state of it, without having the server list its folder for statistics. `cascade` changes
   * the columns of all partitions too (seconds per thousand of them: give it a long deadline). `expected` makes it a
   * compare-and-swap on one table parameter, enforced by Hive 4, silently ignored before. Throws metastore.modified when
   * the parameter has another value or is not there, metastore.invalid when the new state lacks it, and
   * metastore.unsupported (with nothing changed) when the server's database cannot compare it, as Derby.
   */
  async alterTable(
    db: string,
    name: string,
    table: Table,
    options: CallOptions & {
      readonly cascade?: boolean | undefined;
      readonly expected?: { readonly key: string; readonly value: string } | undefined;
    } = {},
  ): Promise<void> {
    const properties = new Map(doNotCount);
    if (options.cascade === true) properties.set('CASCADE', 'true');
    if (options.expected !== undefined) {
      properties.set('expected_parameter_key', options.expected.key);
      properties.set('expected_parameter_value', options.expected.value);
    }
    const args = { dbname: db, tbl_name: name, new_tbl: table, environment_context: { properties } };
    try {
      await this.call(methods.alterTable, args, `to alter ${db}.${name}`, options);
    } catch (error) {
      if (isError(error, 'metastore.unsupported')) this.#guard = 'none';
      throw error;
    }
  }

  /** How a table is kept from being altered twice at once here; `none` is known only after an alter failed. */
  async guard(options: CallOptions = {}): Promise<Guard> {
    this.#guard ??= Number.parseInt(await this.version(options), 10) >= 4 ? 'swap' : 'lock';
    return this.#guard;
  }

  /**
   * Does work while no other caller of this method works under the same name, on any client; waits for it at most
   * `waitMs` (the client's deadline when left out) and until the signal aborts. Readers and writers who do not call it are
   * not held up. Throws deadline.exceeded, the signal's reason.
   */
  async exclusively<T>(
    name: string,
    work: (held: Held) => Promise<T>,
    options: CallOptions & Partial<Omit<LockOptions, 'user'>> = {},
  ): Promise<T> {
    const action = `a lock of ${name}`;
    const calls = {
      lock: (rqst: Value<typeof LockRequest>) => this.call(methods.lock, { rqst }, action, options),
      check: (lockid: bigint) => this.call(methods.checkLock, { rqst: { lockid } }, action, options),
      heartbeat: (lockid: bigint) => this.call(methods.heartbeat, { ids: { lockid } }, action, options),
      show: (dbname: string, tablename: string) =>
        this.call(methods.showLocks, { rqst: { dbname, tablename } }, action, options),
      unlock: (lockid: bigint) => this.call(methods.unlock, { rqst: { lockid } }, action, options),
    };
    const waitMs = options.waitMs ?? options.deadlineMs ?? this.deadlineMs;
    return await holdLock(calls, name, { ...options, waitMs, user: this.#user }, work);
  }

  /** Drops a table; its data only with `deleteData`. Throws metastore.not_found unless `ifExists`. */
  async dropTable(
    db: string,
    name: string,
    options: CallOptions & { readonly deleteData?: boolean; readonly ifExists?: boolean } = {},
  ): Promise<void> {
    const args = { dbname: db, name, deleteData: options.deleteData ?? false, environment_context: noContext };
    const dropped = this.call(methods.dropTable, args, `to drop ${db}.${name}`, options);
    await (options.ifExists === true ? orUndefined(dropped) : dropped);
  }

  /** The id of the latest notification; 0 when there never was one. */
  async latestNotification(options: CallOptions = {}): Promise<bigint> {
    return (await this.call(methods.getCurrentNotificationId, {}, 'its latest notification', options)).eventId;
  }

  /** At most `count` notifications with an id above `after`, by rising id. Those that the server cleaned away are left out. */
  async notifications(after: bigint, count: number, options: CallOptions = {}): Promise<readonly NotificationEvent[]> {
    const args = { rqst: { lastEvent: after, maxEvents: count } };
    return (await this.call(methods.getNextNotification, args, 'its notifications', options)).events;
  }
}
