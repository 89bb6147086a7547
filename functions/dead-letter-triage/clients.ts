import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { readKafkaOptions } from '#shared/kafka/kafka-settings.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import type { Settings } from './config.ts';
import { SchemaRegistry } from './registry/schema-registry.ts';

/** The clients of dead-letter-triage; nothing is connected before it is asked. */
export interface Clients {
  readonly link: KafkaLink;
  readonly admin: TopicAdmin;
  /** Absent without a quarantine. */
  readonly hdfs?: WebHdfs;
  readonly registry?: SchemaRegistry;
}

/** Builds the clients that the settings describe. */
export function createClients({ kafka, hdfs, registry }: Settings): Clients {
  const link = new KafkaLink(readKafkaOptions(kafka));
  return {
    link,
    admin: new TopicAdmin(link),
    ...(hdfs === undefined ? {} : { hdfs: createHdfs(hdfs) }),
    ...(registry === undefined
      ? {}
      : {
          registry: new SchemaRegistry({
            ...registry,
            deadlineMs: registry.deadlineSeconds * 1_000,
            keepMs: registry.keepSeconds * 1_000,
          }),
        }),
  };
}

/** Ends all connections. */
export async function closeClients({ link, hdfs }: Clients): Promise<void> {
  hdfs?.close();
  await link.close();
}
