import { readFileSync } from 'node:fs';
import { readTokenFile } from '#shared/config/token-file.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import { Metastore } from '#shared/hive/metastore.ts';
import { Kafka } from '#shared/kafka/kafka.ts';
import { readKafkaOptions } from '#shared/kafka/kafka-settings.ts';
import type { Settings } from './config.ts';
import type { Clients } from './survey.ts';

/** Builds the clients that the settings describe; nothing is connected yet. */
export function createClients({ hdfs, metastore, kafka }: Settings): Clients {
  const { tokenFile } = metastore;
  return {
    hdfs: createHdfs(hdfs),
    metastore: new Metastore({
      uris: metastore.uris,
      user: metastore.user,
      framed: metastore.framed,
      ...(tokenFile === undefined ? {} : { token: () => readTokenFile(tokenFile, 'metastore.unauthenticated') }),
      connections: metastore.connections,
      deadlineMs: metastore.deadlineSeconds * 1_000,
      ...(metastore.caFile === undefined ? {} : { tls: { ca: readFileSync(metastore.caFile, 'utf8') } }),
    }),
    ...(kafka === undefined ? {} : { kafka: new Kafka(readKafkaOptions(kafka)) }),
  };
}
