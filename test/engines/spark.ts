import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { renderSiteXml, writeConf } from '#lake-in-a-box/conf-files.ts';
import { resolveJars } from '#lake-in-a-box/jars.ts';
import { choosePort } from '#lake-in-a-box/ports.ts';
import { answersHttp } from '#lake-in-a-box/probes.ts';
import { providePython } from './downloads.ts';
import type { EngineSite } from './engines.ts';

/** Spark brings its own Hadoop and log; of Hive's jars it needs the metastore's client and what that stands on. */
const unwanted = /^(?:hadoop|log4j|slf4j|reload4j|tez)-/;

/** Starts a Spark session with a client of Hive 4.0.1 (its own cannot speak to that metastore) and answers its address. */
export async function startSpark(site: EngineSite): Promise<string> {
  const python = await providePython(site.onProgress, site.signal);
  const jars = await resolveJars('hiveserver', site.onProgress, site.signal);
  const port = await choosePort();
  const conf = join(site.folder, 'conf', 'spark');
  const local = join(site.folder, 'data', 'spark');
  writeConf(conf, {
    'core-site.xml': renderSiteXml({ 'fs.defaultFS': site.lake.defaultFs }),
    'settings.json': JSON.stringify({
      'spark.master': 'local[2]',
      'spark.driver.memory': '1g',
      'spark.driver.host': '127.0.0.1',
      'spark.driver.bindAddress': '127.0.0.1',
      'spark.ui.enabled': 'false',
      'spark.local.dir': local,
      'spark.driver.extraJavaOptions': `-Duser.timezone=UTC -Dderby.system.home=${local}`,
      'spark.sql.session.timeZone': 'UTC',
      'spark.sql.shuffle.partitions': '2',
      'spark.sql.warehouse.dir': join(local, 'warehouse'),
      'spark.sql.hive.metastore.version': '4.0.1',
      'spark.sql.hive.metastore.jars': 'path',
      // As addresses: bare paths would be looked for in HDFS.
      'spark.sql.hive.metastore.jars.path': jars
        .filter((path) => path.endsWith('.jar') && !unwanted.test(basename(path)))
        .map((path) => pathToFileURL(path).href)
        .join(','),
      'spark.hadoop.hive.metastore.uris': site.lake.metastore,
    }),
  });
  await site.start({
    name: 'spark',
    command: 'python3',
    args: [fileURLToPath(new URL('spark.py', import.meta.url)), String(port), join(conf, 'settings.json')],
    env: {
      PYTHONPATH: python,
      HADOOP_CONF_DIR: conf,
      SPARK_LOCAL_IP: '127.0.0.1',
      ...(process.env['JAVA_HOME'] !== undefined && { JAVA_HOME: process.env['JAVA_HOME'] }),
    },
    isReady: () => answersHttp(`http://127.0.0.1:${port}/`),
    deadline: 180,
  });
  return `http://127.0.0.1:${port}/`;
}
