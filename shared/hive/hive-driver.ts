// What talks to HiveServer2 and Spark's Thrift server. Loaded by the first statement alone, and packaged into a file of its own.
export * from 'hive-driver';
