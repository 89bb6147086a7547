import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coreSite, hdfsClientSite, writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4jProperties, renderSiteXml, writeConf, type Settings } from '../conf-files.ts';
import { answersHttp } from '../probes.ts';

// Java compiles and runs it.
const cluster = fileURLToPath(new URL('../FlinkCluster.java', import.meta.url));

function flinkConfig({ folder, ports }: BuildSite): Settings {
  return {
    'rest.address': '127.0.0.1',
    'rest.bind-address': '127.0.0.1',
    'rest.port': ports.flink,
    'jobmanager.bind-host': '127.0.0.1',
    'taskmanager.bind-host': '127.0.0.1',
    'taskmanager.memory.network.min': '32mb',
    'taskmanager.memory.network.max': '32mb',
    'taskmanager.memory.managed.size': '16mb',
    // Whoever watches a lake to play with wants to see a job fail, not start again and again.
    'restart-strategy.type': 'none',
    'io.tmp.dirs': join(folder, 'tmp', 'flink'),
    // What it tells of a job is otherwise up to three seconds old.
    'web.refresh-interval': 50,
    'web.upload.dir': join(folder, 'tmp', 'flink'),
  };
}

/** Starts a Flink cluster in one process, which takes jobs by its REST interface. */
export async function startFlink(site: BuildSite): Promise<void> {
  const conf = join(site.folder, 'conf', 'flink');
  writeConf(conf, {
    'config.yaml': Object.entries(flinkConfig(site))
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
      .join(''),
    'core-site.xml': renderSiteXml(coreSite(site)),
    'hdfs-site.xml': renderSiteXml({ ...hdfsClientSite(site), 'dfs.replication': 1 }),
    'log4j.properties': log4jProperties,
  });
  // Hadoop's jars bring the log.
  const jars = site.jars('flink').filter((path) => !basename(path).startsWith('slf4j-nop-'));
  await site.start({
    name: 'flink',
    part: 'flink',
    ...writeJavaCommand(site, 'flink', {
      mainClass: cluster,
      args: [conf],
      classPath: [conf, ...jars, ...site.jars('hdfs')],
      heap: 768,
    }),
    isReady: () => answersHttp(`http://127.0.0.1:${site.ports.flink}/v1/overview`),
    deadline: 180,
  });
}
