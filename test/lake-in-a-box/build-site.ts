import { join } from 'node:path';
import { superuser } from './addresses.ts';
import type { ClassArchives } from './class-archives.ts';
import { writeConf, type Settings } from './conf-files.ts';
import { javaTool, renderJavaArguments, type JavaProgram } from './jvm.ts';
import type { JarGroup } from './jars.ts';
import type { Command, Service } from './launch.ts';
import { nameService, pairSite } from './namenode-pair.ts';
import type { Ports } from './ports.ts';
import type { PartName, ProcessName } from './record.ts';

/** A process of a part of the lake. */
interface PartService extends Service {
  readonly name: ProcessName;
  readonly part: PartName;
}

/** A lake that is being started, as its parts see it. */
export interface BuildSite {
  readonly folder: string;
  readonly ports: Ports;
  readonly parts: ReadonlySet<PartName>;
  /** The folder of PostgreSQL, which its own user can reach. */
  readonly postgresFolder: string;
  /** The name that the file system had when the lake ran before. */
  readonly earlierFs: string | undefined;
  /** As in `LakeOptions`. */
  readonly metastoreSettings: Settings;
  readonly kafkaSettings: Settings;
  readonly encryptedFolders: readonly string[];
  /** As in `JavaProgram`. */
  readonly optimise: boolean;
  /** Archives of classes, by which programs start in half the time. */
  readonly archives: ClassArchives;
  readonly signal: AbortSignal;
  /** The jars of a group that was resolved beforehand. */
  jars(group: JarGroup): readonly string[];
  /** Runs a program to its end. */
  run(name: string, program: Command): Promise<void>;
  /** Starts a service and waits until it works. */
  start(service: PartService): Promise<void>;
  /** Waits until another part of this lake works. */
  ready(part: PartName): Promise<void>;
}

/** The file system's name in this lake, the same text everywhere: the literal address, or the name of a pair of NameNodes. */
export function nameFileSystem({ ports, parts }: Pick<BuildSite, 'ports' | 'parts'>): string {
  return parts.has('standby') ? `hdfs://${nameService}` : `hdfs://127.0.0.1:${ports.namenodeRpc}`;
}

/** core-site.xml of every process that speaks to HDFS. */
export function coreSite(site: BuildSite): Record<string, string | number | boolean> {
  return {
    'fs.defaultFS': nameFileSystem(site),
    'hadoop.tmp.dir': join(site.folder, 'tmp', 'hadoop'),
    // Lets `doas=` be tested. A request without a name is the superuser's: a lake without security is like that.
    [`hadoop.proxyuser.${superuser}.hosts`]: '*',
    [`hadoop.proxyuser.${superuser}.groups`]: '*',
    'hadoop.http.staticuser.user': superuser,
    'ipc.client.connect.retry.interval': 100,
    'ipc.client.connect.max.retries': 100,
  };
}

/**
 * hdfs-site.xml of every process that writes to HDFS (the DataNode does, for WebHDFS). In core-site.xml these would be
 * overridden by the defaults of HDFS, which are read after it.
 */
export function hdfsClientSite(site: BuildSite): Settings {
  return {
    ...(site.parts.has('standby') && pairSite(site.ports)),
    // Otherwise a client sleeps 400 ms whenever it closes a file before the DataNode's report of its last block arrives.
    'dfs.client.block.write.locateFollowingBlock.initial.delay.ms': 5,
    'dfs.client.block.write.locateFollowingBlock.retries': 12,
  };
}

/** Writes the argument file of a Java program and answers the command that runs it (by hand, too). */
export function writeJavaCommand(
  site: Pick<BuildSite, 'folder' | 'optimise'> & Partial<Pick<BuildSite, 'archives'>>,
  name: string,
  program: JavaProgram,
): Command {
  const systemProperties = { 'java.io.tmpdir': join(site.folder, 'tmp'), ...program.systemProperties };
  const jars = program.classPath.filter((path) => path.endsWith('.jar'));
  // An archive of classes knows jars alone; no jar has a file that the folders have, too.
  const classPath = [...jars, ...program.classPath.filter((path) => !jars.includes(path))];
  const flags = site.archives?.flagsFor(name, jars) ?? [];
  const { optimise } = site;
  const text = renderJavaArguments({ ...program, classPath, flags, systemProperties, optimise });
  writeConf(join(site.folder, 'conf'), { [`${name}.args`]: text });
  return { command: javaTool('java'), args: [`@${join(site.folder, 'conf', `${name}.args`)}`] };
}
