import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coreSite, hdfsClientSite, writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4j2Xml, renderSiteXml, writeConf, type Settings } from '../conf-files.ts';
import type { JarGroup } from '../jars.ts';
import { answersMetastore, answersMetastoreHttp } from '../probes.ts';
import { javaTool } from '../jvm.ts';
import { makeToken } from './bearer-token.ts';
import { database, prepareDatabase, prepareDerby, type JdbcAddress } from './metastore-database.ts';

/** Where tables are put that name no place of their own. */
export const warehouse = { managed: '/warehouse/managed', external: '/warehouse/external' } as const;

/** The parts that are metastores. */
export type MetastoreName = 'metastore' | 'metastore31' | 'metastoreHttp' | 'metastoreDerby';

const server = 'org.apache.hadoop.hive.metastore.HiveMetaStore';
// Java compiles and runs it.
const onLoopback = fileURLToPath(new URL('../OnLoopback.java', import.meta.url));
/** The setting by which a metastore keeps a log of its changes; Hive's own listener is on the class path of 3.1 only. */
export const listenersSetting = 'metastore.transactional.event.listeners';
const logNotifications = 'LogNotifications';
const logNotificationsFile = fileURLToPath(new URL(`../${logNotifications}.java`, import.meta.url));

interface Kind {
  readonly jars: JarGroup;
  readonly openDatabase: (site: BuildSite) => Promise<JdbcAddress>;
  readonly overHttp?: true;
  /** True when it takes no address to listen on. */
  readonly onAllAddresses?: true;
}

async function openOwn(site: BuildSite, jars: JarGroup, name: string, version: string): Promise<JdbcAddress> {
  await site.ready('postgres');
  return await prepareDatabase(site, jars, name, version);
}

async function openShared(site: BuildSite): Promise<JdbcAddress> {
  await site.ready('metastore');
  return await prepareDatabase(site, 'metastore', database, '4.0.0');
}

const kinds: Readonly<Record<MetastoreName, Kind>> = {
  metastore: { jars: 'metastore', openDatabase: (site) => openOwn(site, 'metastore', database, '4.0.0') },
  metastore31: {
    jars: 'metastore31',
    openDatabase: (site) => openOwn(site, 'metastore31', 'metastore31', '3.1.0'),
    onAllAddresses: true,
  },
  metastoreHttp: { jars: 'metastore', openDatabase: openShared, overHttp: true, onAllAddresses: true },
  metastoreDerby: { jars: 'metastore', openDatabase: (site) => prepareDerby(site, 'metastore') },
};

/** The file with the bearer token for the metastore that speaks HTTP. */
export function tokenFile(folder: string): string {
  return join(folder, 'conf', 'metastoreHttp', 'token');
}

function metastoreSite(site: BuildSite, name: MetastoreName, jdbc: JdbcAddress): Settings {
  const ql = 'org.apache.hadoop.hive.ql.optimizer.ppr.PartitionExpressionForMetastore';
  const none = 'org.apache.hadoop.hive.metastore.DefaultPartitionExpressionProxy';
  return {
    'metastore.thrift.uris': `thrift://127.0.0.1:${site.ports[name]}`,
    'metastore.thrift.port': site.ports[name],
    'metastore.thrift.bind.host': '127.0.0.1',
    'metastore.warehouse.dir': warehouse.managed,
    'metastore.warehouse.external.dir': warehouse.external,
    'javax.jdo.option.ConnectionURL': jdbc.url,
    'javax.jdo.option.ConnectionDriverName': jdbc.driver,
    'javax.jdo.option.ConnectionUserName': jdbc.user,
    'javax.jdo.option.ConnectionPassword': 'none',
    'metastore.schema.verification': true,
    // Partition pruning for HiveServer2 evaluates Hive's own expressions, whose classes are in hive-exec.
    'metastore.expression.proxy': site.parts.has('hiveserver') && name === 'metastore' ? ql : none,
    'metastore.task.threads.always': 'org.apache.hadoop.hive.metastore.events.EventCleanerTask',
    'metastore.metastore.event.db.notification.api.auth': false,
    'hive.metastore.execute.setugi': true,
    'metastore.metrics.enabled': false,
    // Derby fails where it should compare and swap, and each of its ten attempts would wait 2 s.
    ...(name === 'metastoreDerby' && { 'metastore.hmshandler.retry.interval': '20ms' }),
    ...(kinds[name].overHttp && {
      'metastore.server.thrift.transport.mode': 'http',
      'metastore.authentication': 'JWT',
      'metastore.authentication.jwt.jwks.url': `file://${join(site.folder, 'conf', name, 'jwks.json')}`,
    }),
    ...site.metastoreSettings,
  };
}

/** Starts one of the metastores, on its database. */
export async function startMetastore(site: BuildSite, name: MetastoreName): Promise<void> {
  const kind = kinds[name];
  const jdbc = await kind.openDatabase(site);
  const conf = join(site.folder, 'conf', name);
  const token = makeToken();
  writeConf(conf, {
    'core-site.xml': renderSiteXml(coreSite(site)),
    'hdfs-site.xml': renderSiteXml(hdfsClientSite(site)),
    'metastore-site.xml': renderSiteXml(metastoreSite(site, name, jdbc)),
    'log4j2.xml': log4j2Xml,
    ...(kind.overHttp && { token: token.token, 'jwks.json': token.keys }),
  });
  const jars = site.jars(kind.jars).filter((path) => path.endsWith('.jar'));
  const hiveExec =
    site.parts.has('hiveserver') && name === 'metastore'
      ? site.jars('hiveserver').filter((path) => basename(path).startsWith('hive-exec-'))
      : [];
  const classes = site.metastoreSettings[listenersSetting] === logNotifications ? [join(conf, 'classes')] : [];
  for (const folder of classes) {
    const args = ['-d', folder, '-cp', jars.join(':'), '-proc:none', '-nowarn', logNotificationsFile];
    await site.run(`${name}-javac`, { command: javaTool('javac'), args });
  }
  const port = site.ports[name];
  await site.start({
    name,
    part: name,
    ...writeJavaCommand(site, name, {
      ...(kind.onAllAddresses
        ? { mainClass: onLoopback, args: [server, '-p', String(port)] }
        : { mainClass: server, args: ['-p', String(port)] }),
      classPath: [conf, ...classes, ...jars, ...hiveExec],
      heap: 512,
      systemProperties: { 'log4j2.configurationFile': join(conf, 'log4j2.xml') },
    }),
    env: { HIVE_HOME: site.folder, METASTORE_HOME: site.folder, HIVE_CONF_DIR: conf, METASTORE_CONF_DIR: conf },
    isReady: () => (kind.overHttp ? answersMetastoreHttp(port, token.token) : answersMetastore(port)),
    deadline: 180,
  });
}
