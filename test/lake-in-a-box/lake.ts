import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import type { LakeAddresses } from './addresses.ts';
import { nameFileSystem, type BuildSite } from './build-site.ts';
import { ClassArchives } from './class-archives.ts';
import type { Settings } from './conf-files.ts';
import { resolveJars, type JarGroup, type OnProgress } from './jars.ts';
import { javaTool } from './jvm.ts';
import { runStep, runTool, startService } from './launch.ts';
import { tryLock } from './lock.ts';
import { startConnect } from './parts/connect.ts';
import { startFlink } from './parts/flink.ts';
import { startHdfs } from './parts/hdfs.ts';
import { startHiveServer } from './parts/hiveserver.ts';
import { kafkaSecrets, startKafka } from './parts/kafka.ts';
import { startMetastore, tokenFile } from './parts/metastore.ts';
import { database } from './parts/metastore-database.ts';
import { choosePostgresFolder, startPostgres } from './parts/postgres.ts';
import { startRegistry } from './parts/registry.ts';
import { choosePorts, type Ports } from './ports.ts';
import { partNames, readRecord, writeRecord, type LakeRecord, type PartName } from './record.ts';
import { removeData, removeLake, stopLake } from './stop.ts';
import { startWatchdog } from './watchdog.ts';

interface Part {
  readonly needs: readonly PartName[];
  readonly jars: readonly JarGroup[];
  readonly start: (site: BuildSite) => Promise<void>;
}

const parts: Readonly<Record<PartName, Part>> = {
  hdfs: { needs: [], jars: ['hdfs'], start: startHdfs },
  // The pair is started together, by the part hdfs.
  standby: { needs: ['hdfs'], jars: [], start: (site) => site.ready('hdfs') },
  postgres: { needs: [], jars: ['postgres'], start: startPostgres },
  metastore: { needs: ['hdfs', 'postgres'], jars: ['metastore'], start: (site) => startMetastore(site, 'metastore') },
  metastore31: {
    needs: ['hdfs', 'postgres'],
    jars: ['metastore31'],
    start: (site) => startMetastore(site, 'metastore31'),
  },
  metastoreHttp: {
    needs: ['hdfs', 'postgres', 'metastore'],
    jars: ['metastore'],
    start: (site) => startMetastore(site, 'metastoreHttp'),
  },
  metastoreDerby: { needs: ['hdfs'], jars: ['metastore'], start: (site) => startMetastore(site, 'metastoreDerby') },
  hiveserver: { needs: ['hdfs', 'postgres', 'metastore'], jars: ['hiveserver'], start: startHiveServer },
  kafka: { needs: [], jars: ['kafka'], start: startKafka },
  connect: { needs: ['kafka'], jars: ['connect'], start: startConnect },
  registry: { needs: [], jars: ['registry'], start: startRegistry },
  flink: { needs: ['hdfs', 'kafka'], jars: ['flink', 'hdfs'], start: startFlink },
};

/** How to start a lake. */
export interface LakeOptions {
  /**
   * The lake's own folder; made when it is not there. Where this process is root and others may not enter the folder,
   * PostgreSQL's data lie in the machine's temporary folder; `temporary` and `removeLake` remove them too.
   */
  readonly folder: string;
  /** The parts to start; what they need is started too. */
  readonly parts: readonly PartName[];
  /** Go on with what an earlier lake in this folder stored. */
  readonly keepData?: boolean;
  /** Leave the lake running when this process ends. Otherwise it is stopped then, even after a `kill -9`. */
  readonly detached?: boolean;
  /** Remove the folder when the lake is stopped. */
  readonly temporary?: boolean;
  /** Starts slower and works faster, for measurements. */
  readonly optimise?: boolean;
  /** Keeps the classes of programs where that was not done on this machine, so that later lakes start in half the time. */
  readonly archiveClasses?: boolean;
  /** What metastore-site.xml says beyond or instead of the usual. */
  readonly metastoreSettings?: Settings;
  /** What server.properties of Kafka says beyond or instead of the usual. */
  readonly kafkaSettings?: Settings;
  /** Folders of HDFS that are made encryption zones, with a key in a file of the NameNode. */
  readonly encryptedFolders?: readonly string[];
  /** Told each step in a line. */
  readonly onProgress?: OnProgress;
  /** Stops the start. */
  readonly signal?: AbortSignal;
}

/** A running lake. */
export interface Lake {
  readonly addresses: LakeAddresses;
  /** Stops it in good order. */
  readonly stop: () => Promise<void>;
}

/** The parts asked for with all that they need, each after what it needs. */
export function completeParts(asked: readonly PartName[]): PartName[] {
  const wanted = new Set<PartName>(asked);
  for (const name of asked) for (const need of parts[name].needs) wanted.add(need);
  return partNames.filter((name) => wanted.has(name));
}

function nameAddresses(folder: string, wanted: ReadonlySet<PartName>, ports: Ports): LakeAddresses {
  const host = '127.0.0.1';
  return {
    folder,
    ...(wanted.has('hdfs') && {
      webhdfs: `http://${host}:${ports.namenodeHttp}`,
      defaultFs: nameFileSystem({ ports, parts: wanted }),
    }),
    ...(wanted.has('standby') && { webhdfsStandby: `http://${host}:${ports.standbyHttp}` }),
    ...(wanted.has('postgres') && { postgres: `postgresql://hive@${host}:${ports.postgres}/${database}` }),
    ...(wanted.has('metastore') && { metastore: `thrift://${host}:${ports.metastore}` }),
    ...(wanted.has('metastore31') && { metastore31: `thrift://${host}:${ports.metastore31}` }),
    ...(wanted.has('metastoreHttp') && {
      metastoreHttp: `http://${host}:${ports.metastoreHttp}/metastore`,
      metastoreToken: tokenFile(folder),
    }),
    ...(wanted.has('metastoreDerby') && { metastoreDerby: `thrift://${host}:${ports.metastoreDerby}` }),
    ...(wanted.has('hiveserver') && { hiveserver: `hive2://${host}:${ports.hiveserver}` }),
    ...(wanted.has('kafka') && {
      kafka: `${host}:${ports.kafka}`,
      kafkaSecure: `${host}:${ports.kafkaSecure}`,
      kafkaMutual: `${host}:${ports.kafkaMutual}`,
      ...kafkaSecrets(folder),
    }),
    ...(wanted.has('connect') && { connect: `http://${host}:${ports.connect}` }),
    ...(wanted.has('registry') && { registry: `http://${host}:${ports.registry}` }),
    ...(wanted.has('flink') && { flink: `http://${host}:${ports.flink}` }),
  };
}

async function resolveAll(
  wanted: ReadonlySet<PartName>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Map<JarGroup, readonly string[]>> {
  const jars = new Map<JarGroup, readonly string[]>();
  for (const name of wanted) {
    for (const group of parts[name].jars) jars.set(group, await resolveJars(group, onProgress, signal));
  }
  return jars;
}

/** Starts the parts side by side, as far as they do not wait for each other; the first failure ends all. */
async function startParts(site: BuildSite, started: Map<PartName, Promise<void>>, abort: AbortController) {
  for (const name of site.parts) started.set(name, parts[name].start(site));
  try {
    await Promise.all(started.values());
  } catch (error) {
    abort.abort(error);
    await Promise.allSettled(started.values());
    throw error;
  }
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 100) / 10;
}

async function bringUp(folder: string, options: LakeOptions): Promise<Lake> {
  const { onProgress = () => {}, keepData = false, detached = false, temporary = false, optimise = false } = options;
  const started = Date.now();
  const abort = new AbortController();
  const signal = options.signal ? AbortSignal.any([abort.signal, options.signal]) : abort.signal;
  const wanted = new Set(completeParts(options.parts));
  const earlier = readRecord(folder);
  await stopLake(folder);
  if (!keepData) removeData(folder);
  const jars = await resolveAll(wanted, onProgress, signal);
  const java = await runTool(javaTool('java'), ['-Xinternalversion'], folder, signal);

  const ports = await choosePorts(earlier?.ports ?? {});
  const earlierPostgres = keepData ? earlier?.postgresFolder : undefined;
  const postgresFolder = wanted.has('postgres') ? (earlierPostgres ?? choosePostgresFolder(folder)) : earlierPostgres;
  const addresses = nameAddresses(folder, wanted, ports);
  const record: LakeRecord = {
    state: 'starting',
    parts: [...wanted],
    ports,
    addresses,
    ...(postgresFolder !== undefined && { postgresFolder }),
    processes: [],
  };
  writeRecord(folder, record);
  const sendWatchdogHome = startWatchdog(folder, temporary);
  const stop = async (): Promise<void> => {
    await stopLake(folder);
    if (temporary) removeLake(folder);
    sendWatchdogHome();
  };

  const archives = new ClassArchives(join(folder, 'tmp'), java, options.archiveClasses ?? false);
  const ready = new Map<PartName, Promise<void>>();
  const site: BuildSite = {
    folder,
    ports,
    parts: wanted,
    postgresFolder: postgresFolder ?? '',
    optimise,
    archives,
    signal,
    metastoreSettings: options.metastoreSettings ?? {},
    kafkaSettings: options.kafkaSettings ?? {},
    encryptedFolders: options.encryptedFolders ?? [],
    earlierFs: keepData ? earlier?.addresses.defaultFs : undefined,
    jars: (group) => jars.get(group) ?? [],
    run: (name, command) => runStep(folder, name, command, signal),
    ready: async (part) => await ready.get(part),
    start: async (service) => {
      const since = Date.now();
      await startService(
        folder,
        service,
        (launched) => {
          record.processes.push({ ...launched, name: service.name, part: service.part });
          writeRecord(folder, record);
        },
        signal,
      );
      const launched = record.processes.find(({ name }) => name === service.name);
      if (launched !== undefined) launched.startSeconds = seconds(since);
      onProgress(`${service.name} is ready after ${seconds(since)} s`);
    },
  };
  try {
    await startParts(site, ready, abort);
    await archives.makeMissing(onProgress, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  record.state = 'up';
  record.startSeconds = seconds(started);
  writeRecord(folder, record);
  if (detached) sendWatchdogHome();
  return { addresses, stop };
}

/**
 * Starts a lake: real services on free ports of 127.0.0.1, with all they write in one folder. What an earlier lake left
 * running in this folder is stopped first. Throws `lake.failed`, and then nothing is left running.
 */
export async function startLake(options: LakeOptions): Promise<Lake> {
  mkdirSync(options.folder, { recursive: true });
  const folder = realpathSync(options.folder);
  const release = await tryLock(`lake ${folder}`);
  if (release === undefined) {
    throw new LakewardenError('lake.failed', `another process is starting or holding the lake in ${folder}`);
  }
  try {
    const lake = await bringUp(folder, options);
    if (options.detached) release();
    return { ...lake, stop: () => lake.stop().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}
