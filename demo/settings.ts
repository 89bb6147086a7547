import { type LakeAddresses, superuser } from '#lake-in-a-box/addresses.ts';

/** The topics of the story. */
export const topics = {
  raw: 'flights-raw',
  processed: 'flights',
  dead: 'flights-dlq',
  sinkDead: 'flights-sink-dlq',
} as const;

/** The folder of the golden zone. */
export const golden = '/golden';

const account = { id: '123456789012', regions: ['eu-central-1'] };

/** The functions of the story. */
export const functions = ['metastore-sync', 'partition-compaction', 'compliance-scan', 'dead-letter-triage'] as const;

/** The name of a function. */
export type FunctionName = (typeof functions)[number];

/** The settings of each function for the lake of the story, and for a cloud when there is the address of one. */
export function settingsOf(lake: LakeAddresses, cloud?: string): Readonly<Record<FunctionName, object>> {
  const hdfs = { addresses: [lake.webhdfs], defaultFs: lake.defaultFs, user: superuser };
  const kafka = { brokers: [lake.kafka] };
  const header = (name: string): object => ({ header: name });
  return {
    'metastore-sync': { hdfs, metastore: { uris: [lake.metastore], user: superuser }, root: golden },
    // The story does not wait an hour until a partition counts as closed.
    'partition-compaction': { hdfs, root: golden, quietSeconds: 0, latePartitions: 0, minFiles: 2 },
    'compliance-scan': {
      sources: {
        ...(cloud !== undefined && { aws: { accounts: [account], endpoint: cloud, bucketAccess: true } }),
        kafka: { connection: kafka },
        hdfs: { connection: hdfs },
        hive: { connection: { uris: [lake.metastore], user: superuser }, defaultFs: lake.defaultFs },
      },
      state: { folder: '/lakewarden/findings' },
      hdfs,
    },
    'dead-letter-triage': {
      topics: [topics.dead, topics.sinkDead],
      sources: [
        {
          topic: topics.dead,
          producer: 'flink',
          fields: {
            component: header('job'),
            topic: header('source-topic'),
            partition: header('source-partition'),
            offset: header('source-offset'),
            errorClass: header('error-class'),
            message: header('error-message'),
          },
        },
      ],
      quarantine: {},
      replay: { targets: [topics.raw], byEvents: true },
      kafka,
      hdfs,
    },
  };
}
