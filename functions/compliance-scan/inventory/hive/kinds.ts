/** The kinds of Hive's resources. Rules see the bodies below as `resource.body`. */
export const hiveKinds = { metastore: 'hive.Metastore', database: 'hive.Database', table: 'hive.Table' } as const;

/** Kinds of principals. */
export type HivePrincipalType = 'user' | 'role' | 'group';

/** A privilege that somebody has on a table or database. */
export interface HiveGrant {
  readonly principal: string;
  readonly type: HivePrincipalType;
  /** In capital letters, such as `SELECT`. */
  readonly privilege: string;
  /** True when he may give it to others. */
  readonly withGrant: boolean;
}

/** Where data lies. */
export interface HiveLocation {
  /** As it is written. */
  readonly text: string;
  /** The clean path, when it lies on the lake's file system by one of its names. */
  readonly path?: string;
  /** What is odd in the way it is written, sorted: `no scheme`, `another name`, `trailing slash`, `doubled slash`. */
  readonly oddities: readonly string[];
}

/** A metastore as a whole; settings that it does not tell are undefined. */
export interface HiveMetastoreBody {
  readonly version?: string;
  /** TLS between clients and the metastore. */
  readonly tls?: boolean;
  /** How clients prove who they are: `KERBEROS`, `LDAP`, …, or `NONE`. */
  readonly authentication?: string;
  /** Classes that check access before a change; empty where nobody does. */
  readonly authorization?: string;
}

/** A database. Its properties are the resource's labels. */
export interface HiveDatabaseBody {
  readonly database: string;
  readonly owner: string;
  readonly ownerType: HivePrincipalType;
  readonly location?: HiveLocation;
  /** Sorted; undefined where they could not be read. */
  readonly grants?: readonly HiveGrant[];
}

/** A column of a table, or a key of its partitions. */
export interface HiveColumn {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
}

/** A table or view. Its properties are the resource's labels, without those that engines write for themselves. */
export interface HiveTableBody {
  readonly database: string;
  readonly table: string;
  readonly type: 'external' | 'managed' | 'view' | 'other';
  readonly owner: string;
  readonly ownerType: HivePrincipalType;
  /** Undefined for a view. */
  readonly location?: HiveLocation;
  readonly columns: readonly HiveColumn[];
  readonly partitionKeys: readonly HiveColumn[];
  /** True when dropping the table deletes its files although it is external. */
  readonly purges: boolean;
  /** Sorted; undefined where they could not be read. */
  readonly grants?: readonly HiveGrant[];
}
