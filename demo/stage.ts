import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LakeAddresses, superuser } from '#lake-in-a-box/addresses.ts';
import { startLake } from '#lake-in-a-box/lake.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { HiveServer } from '#shared/hive/hiveserver.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { type FunctionProcess, startFunction } from '../test/support/function-process.ts';
import { credentials, type Emulator, startEmulator } from '../test/cloud/emulator.ts';
import { packageFunction } from '../tools/package.ts';
import { Broker } from './broker.ts';
import { step } from './screen.ts';
import { type FunctionName, functions, settingsOf } from './settings.ts';

/** What the story plays on. */
export interface Stage {
  readonly folder: string;
  readonly addresses: LakeAddresses;
  readonly hdfs: WebHdfs;
  readonly hive: HiveServer;
  readonly link: KafkaLink;
  readonly broker: Broker;
  readonly functions: Readonly<Record<FunctionName, FunctionProcess>>;
  /** The folder of the functions' settings. */
  readonly settings: string;
  /** An emulator of AWS, when `CLOUD=1` asks for one. */
  readonly cloud: Emulator | undefined;
}

/** Has something done when the story ends, before what was started earlier ends. */
export type AtEnd = (cleanup: () => Promise<void> | void) => void;

/** Bundles the functions, starts a lake in a folder, and the functions on it. */
export async function setStage(folder: string, atEnd: AtEnd): Promise<Stage> {
  const packages = join(folder, 'functions');
  // Beside the start of the lake, which waits for its disks and for Java most of the time.
  const bundling = Promise.all(functions.map((name) => packageFunction(join('functions', name), join(packages, name))));
  // Whatever comes first is told first.
  bundling.catch(() => {});
  const { addresses } = await step(
    'Start the lake: HDFS, Kafka, Flink, Kafka Connect, a Hive metastore on PostgreSQL, HiveServer2',
    async (tell) => {
      const parts = ['hdfs', 'kafka', 'flink', 'connect', 'metastore', 'hiveserver'] as const;
      const abort = new AbortController();
      const starting = startLake({ folder: join(folder, 'lake'), parts, onProgress: tell, signal: abort.signal });
      // Whoever ends the story while the lake starts ends the start.
      atEnd(async () => {
        abort.abort(new Error('the story ends'));
        await starting.then(
          (lake) => lake.stop(),
          () => {},
        );
      });
      return await starting;
    },
    ({ addresses: { webhdfs, kafka, flink } }) => `WebHDFS ${webhdfs}, Kafka ${kafka}, Flink ${flink}`,
  );
  await step(
    'Bundle the four functions, as a platform team would deploy them',
    async () => bundling,
    () => `${functions.join(', ')}: each a folder that is complete in itself`,
  );
  const hdfs = new WebHdfs({ addresses: [addresses.webhdfs as string], user: superuser });
  const hive = new HiveServer({ url: addresses.hiveserver as string, user: 'hive', deadlineMs: 300_000 });
  const link = new KafkaLink({ brokers: [addresses.kafka as string], deadlineMs: 30_000 });
  atEnd(() => hdfs.close());
  atEnd(() => hive.close());
  atEnd(() => link.close());

  const cloud = process.env['CLOUD'] === '1' ? await startCloud(atEnd) : undefined;
  const settings = join(folder, 'settings');
  mkdirSync(settings);
  for (const [name, written] of Object.entries(settingsOf(addresses, cloud?.url)))
    writeFileSync(join(settings, `${name}.json`), JSON.stringify(written, undefined, 2));
  const broker = new Broker();
  const sink = await broker.start();
  atEnd(() => broker.stop());
  const started = await step(
    'Start the functions by Knative’s Node runtime, each with a Broker to send its events to',
    async () => {
      const start = async (name: FunctionName): Promise<[FunctionName, FunctionProcess]> => {
        const process = await startFunction({
          entry: '',
          cwd: join(packages, name),
          command: ['node', 'index.cjs'],
          env: {
            LAKEWARDEN_CONFIG: join(settings, `${name}.json`),
            K_SINK: sink,
            ...(cloud !== undefined && credentials),
          },
        });
        atEnd(async () => {
          await process.end();
          writeFileSync(join(folder, `${name}.log`), process.output());
        });
        broker.trigger(`dev.lakewarden.${name}.resumed`, process);
        return [name, process];
      };
      return Object.fromEntries(await Promise.all(functions.map(start))) as Record<FunctionName, FunctionProcess>;
    },
    (all) => functions.map((name) => `${name} in ${Math.round(all[name].startedIn)} ms`).join(', '),
  );
  // What compaction did, metastore-sync wants to know.
  broker.trigger('dev.lakewarden.partition.compacted', started['metastore-sync']);
  return { folder, addresses, hdfs, hive, link, broker, functions: started, settings, cloud };
}

async function startCloud(atEnd: AtEnd): Promise<Emulator> {
  // The command line, which makes the page, looks for them there.
  Object.assign(process.env, credentials);
  return await step(
    'Start an emulator of AWS and fill it (the first time 300 MB are downloaded from PyPI)',
    async () => {
      const emulator = await startEmulator({ groups: 12, instances: 3, volumes: 6, buckets: 4 });
      atEnd(() => emulator.stop());
      return emulator;
    },
    ({ url }) => `moto at ${url}`,
  );
}
