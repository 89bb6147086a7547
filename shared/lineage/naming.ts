/** A dataset's name in lineage: https://openlineage.io/docs/spec/naming */
export interface DatasetName {
  readonly namespace: string;
  readonly name: string;
}

/** A folder of HDFS, from the file system's name such as `hdfs://lake:8020`. */
export function folderName(fileSystem: string, path: string): DatasetName {
  return { namespace: fileSystem.replace(/\/+$/, ''), name: path };
}

/** A table of Hive, from the metastore's address such as `thrift://host:9083`, as Spark's and Hive's own integrations name it. */
export function tableName(metastore: string, table: string): DatasetName {
  return { namespace: metastore.replace(/^[a-z]+:\/\/([^/]*).*$/, 'hive://$1'), name: table };
}
