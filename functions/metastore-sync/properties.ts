// Names of the parameters that we keep in the metastore. They are part of the lake's state: renaming one is a breaking change.

/** On a table: the topic it was made for. A table without it is not ours. */
export const topicProperty = 'lakewarden.topic';
/** On a table: the templates of the topic's layouts when it was made. */
export const layoutProperty = 'lakewarden.layout';
/** On a table: counts our alters; the metastore compares it before it swaps. */
export const versionProperty = 'lakewarden.version';
/** On a table: milliseconds by the NameNode's clock up to which folders have been accounted for by whole walks. */
export const walkedProperty = 'lakewarden.walked-until';
/** On a table: as `lakewarden.walked-until`, and before it, while older folders are registered in two steps. */
export const walkAgainProperty = 'lakewarden.walk-again-from';
/** On a table: the snapshot of the topic's folder from which on changes are asked for, as JSON. */
export const snapshotProperty = 'lakewarden.snapshot';
/** On a table: which Kafka offsets its files hold, and until when it is complete, as JSON. On a partition: what its files hold. */
export const offsetsProperty = 'lakewarden.offsets';
/** On a table: the latest changes of its columns, when and because of which file, as JSON. */
export const historyProperty = 'lakewarden.schema-history';
/** On a table: short hashes of the names of the partitions that are being dropped; kept only where notifications are read. */
export const droppingProperty = 'lakewarden.dropping';
/** On a partition: digest of the files that are accounted for. */
export const filesProperty = 'lakewarden.files';
/** On a partition: the rows of those files. Other writers may set numRows; this one is ours. */
export const rowsProperty = 'lakewarden.rows';

/** On a partition: the version of the table whose columns it was given beside a cascade. */
export const columnsProperty = 'lakewarden.columns';
