/**
 * What a caller should do with an error:
 * - `reject`: the input is hopeless as it is; the same request will fail again (HTTP 4xx that Knative does not retry).
 * - `retry`: passing trouble of a service or a race; the same request may succeed later (HTTP 503).
 * - `bug`: ours; repeated a few times it lands in the dead-letter sink (HTTP 500).
 */
export type Disposition = 'reject' | 'retry' | 'bug';

/** The closed list of error codes. A code names the part that failed and the reason. */
export const codes = {
  'event.invalid': 'reject',
  'event.unsupported': 'reject',
  'event.too_large': 'reject',
  'sender.unknown': 'reject',
  'sender.forbidden': 'reject',
  // The keys that sign the senders' tokens cannot be had right now.
  'sender.unverified': 'retry',
  'config.invalid': 'reject',
  'path.outside_root': 'reject',
  'path.invalid': 'reject',
  'plan.stale': 'retry',
  'limit.exceeded': 'reject',
  'deadline.exceeded': 'retry',
  draining: 'retry',
  busy: 'retry',
  'hdfs.not_found': 'reject',
  'hdfs.exists': 'reject',
  'hdfs.access_denied': 'reject',
  'hdfs.invalid': 'reject',
  'hdfs.safe_mode': 'retry',
  'hdfs.standby': 'retry',
  'hdfs.quota': 'reject',
  'hdfs.busy': 'retry',
  'hdfs.unauthenticated': 'retry',
  'hdfs.unsupported': 'reject',
  'hdfs.unavailable': 'retry',
  'hdfs.protocol': 'bug',
  'metastore.not_found': 'reject',
  'metastore.exists': 'reject',
  'metastore.invalid': 'reject',
  'metastore.modified': 'retry',
  'metastore.unavailable': 'retry',
  'metastore.unauthenticated': 'retry',
  'metastore.unsupported': 'reject',
  'metastore.protocol': 'bug',
  'hive.failed': 'reject',
  'hive.unavailable': 'retry',
  'kafka.not_found': 'reject',
  'kafka.exists': 'reject',
  'kafka.invalid': 'reject',
  'kafka.out_of_range': 'reject',
  'kafka.access_denied': 'reject',
  'kafka.unauthenticated': 'retry',
  'kafka.unavailable': 'retry',
  // Another instance took over its work: a retry finds it done, or goes on where it died.
  'kafka.fenced': 'retry',
  'kafka.unsupported': 'reject',
  'kafka.damaged': 'reject',
  'kafka.protocol': 'bug',
  'parquet.empty': 'reject',
  'parquet.truncated': 'reject',
  'parquet.foreign': 'reject',
  'parquet.encrypted': 'reject',
  'parquet.corrupt': 'reject',
  'parquet.unsupported': 'reject',
  'registry.unavailable': 'retry',
  'inventory.forbidden': 'reject',
  'inventory.throttled': 'retry',
  'inventory.unavailable': 'retry',
  'inventory.incomplete': 'retry',
  'openwhisk.failed': 'reject',
  'openwhisk.access_denied': 'reject',
  'openwhisk.unavailable': 'retry',
  'sink.unavailable': 'retry',
  'lake.failed': 'reject',
  'sink.refused': 'bug',
  internal: 'bug',
} as const satisfies Record<string, Disposition>;

/** A code out of the closed list. */
export type ErrorCode = keyof typeof codes;
