import { basename, join } from 'node:path';
import { coreSite, hdfsClientSite, writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4j2Xml, renderSiteXml, writeConf, type Settings } from '../conf-files.ts';
import { answersHiveServer } from '../probes.ts';
import { warehouse } from './metastore.ts';

/** Two log bindings too many, and Hadoop's client a second time; reload4j itself must stay, tasks of Tez use it. */
const unwanted = /^(?:slf4j-reload4j|log4j-1\.2-api|hadoop-client-api)-/;

function hiveSite(site: BuildSite): Settings {
  const local = join(site.folder, 'tmp', 'hive');
  return {
    'hive.metastore.uris': `thrift://127.0.0.1:${site.ports.metastore}`,
    'hive.metastore.warehouse.dir': warehouse.managed,
    'hive.metastore.warehouse.external.dir': warehouse.external,
    'hive.metastore.execute.setugi': true,
    'hive.metastore.client.socket.timeout': '600s',
    'hive.metastore.event.db.notification.api.auth': false,
    'metastore.metrics.enabled': false,

    'hive.server2.thrift.bind.host': '127.0.0.1',
    'hive.server2.thrift.port': site.ports.hiveserver,
    'hive.server2.transport.mode': 'binary',
    // SASL PLAIN with any name and password.
    'hive.server2.authentication': 'NONE',
    'hive.server2.enable.doAs': false,
    'hive.server2.webui.port': 0,
    'hive.server2.thrift.min.worker.threads': 2,
    'hive.server2.thrift.max.worker.threads': 50,
    'hive.server2.logging.operation.enabled': false,
    'hive.server2.materializedviews.registry.impl': 'DUMMY',
    // Tasks of Tez that share a process share Hive's notion of the file that is being read (IOContextMap), and fail, or
    // worse, are tried again and then read nothing. So all queries take turns on one session, which runs one task at a
    // time, and no task is tried again.
    'hive.server2.tez.initialize.default.sessions': true,
    'hive.server2.tez.default.queues': 'default',
    'hive.server2.tez.sessions.per.default.queue': 1,
    'tez.am.inline.task.execution.max-tasks': 1,
    'tez.am.task.max.failed.attempts': 1,
    'hive.notification.event.poll.interval': '0s',
    'hive.scheduled.queries.executor.enabled': false,
    'hive.privilege.synchronizer': false,
    'hive.security.authorization.enabled': false,
    'hive.users.in.admin.role': 'root',

    // Tez inside the server, without a cluster.
    'hive.execution.engine': 'tez',
    'tez.local.mode': true,
    'tez.local.mode.without.network': true,
    'tez.ignore.lib.uris': true,
    'tez.staging-dir': '/tmp/tez',
    'tez.runtime.optimize.local.fetch': true,
    'tez.runtime.io.sort.mb': 32,
    'tez.runtime.unordered.output.buffer.size-mb': 16,
    'tez.am.resource.memory.mb': 256,
    'tez.task.resource.memory.mb': 256,
    'hive.tez.container.size': 256,
    'hive.llap.io.enabled': false,
    'hive.llap.execution.mode': 'none',
    'hive.exec.mode.local.auto': true,
    'hive.exec.submit.local.task.via.child': false,
    'mapreduce.framework.name': 'local',
    'mapreduce.task.io.sort.mb': 32,

    // External tables only: no transactions.
    'hive.support.concurrency': false,
    'hive.txn.manager': 'org.apache.hadoop.hive.ql.lockmgr.DummyTxnManager',
    'hive.create.as.external.legacy': true,
    'hive.exec.dynamic.partition.mode': 'nonstrict',
    // Each query reads the lake, so that a test sees what is there now.
    'hive.query.results.cache.enabled': false,

    'hive.exec.scratchdir': '/tmp/hive',
    'hive.exec.local.scratchdir': join(local, 'scratch'),
    'hive.downloaded.resources.dir': join(local, 'resources'),
    'hive.querylog.location': join(local, 'queries'),
  };
}

/** Starts HiveServer2 once HDFS and the metastore work. */
export async function startHiveServer(site: BuildSite): Promise<void> {
  const conf = join(site.folder, 'conf', 'hiveserver');
  writeConf(conf, {
    'core-site.xml': renderSiteXml(coreSite(site)),
    'hdfs-site.xml': renderSiteXml(hdfsClientSite(site)),
    'hive-site.xml': renderSiteXml(hiveSite(site)),
    'log4j2.xml': log4j2Xml,
    'hive-log4j2.xml': log4j2Xml,
  });
  const jars = site.jars('hiveserver').filter((path) => path.endsWith('.jar') && !unwanted.test(basename(path)));
  const command = writeJavaCommand(site, 'hiveserver', {
    mainClass: 'org.apache.hive.service.server.HiveServer2',
    classPath: [conf, ...jars],
    heap: 1024,
    systemProperties: { 'log4j2.configurationFile': join(conf, 'log4j2.xml') },
  });

  await Promise.all([site.ready('hdfs'), site.ready('metastore')]);
  await site.start({
    name: 'hiveserver',
    part: 'hiveserver',
    ...command,
    env: { HIVE_HOME: site.folder, HIVE_CONF_DIR: conf, HADOOP_HOME: site.folder },
    isReady: () => answersHiveServer(site.ports.hiveserver),
    deadline: 240,
  });
}
