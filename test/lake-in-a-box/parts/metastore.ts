import { basename, join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import { coreSite, hdfsClientSite, nameFileSystem, writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4j2Xml, renderSiteXml, writeConf } from '../conf-files.ts';
import { runTool } from '../launch.ts';
import { querySql } from '../postgres-client.ts';
import { answersMetastore } from '../probes.ts';
import { database, startPostgres } from './postgres.ts';

const schemaScript = 'scripts/metastore/upgrade/postgres/hive-schema-4.0.0.postgres.sql';

/** Where tables are put that name no place of their own. */
export const warehouse = { managed: '/warehouse/managed', external: '/warehouse/external' } as const;

async function readSchemaScript(site: BuildSite): Promise<string> {
  const archive = site.jars('metastore').find((path) => path.endsWith('.tar.gz'));
  if (archive === undefined) throw new LakewardenError('lake.failed', 'no schema of the metastore among the jars');
  return await runTool('tar', ['-xzOf', archive, '--wildcards', `*/${schemaScript}`], site.folder, site.signal);
}

/** Makes the metastore's schema in an empty database: one transaction, so it is there whole or not at all. */
async function prepareDatabase(site: BuildSite): Promise<void> {
  const { postgres } = site.ports;
  const known = await querySql(postgres, database, `SELECT 1 FROM pg_tables WHERE tablename = 'VERSION'`);
  if (known.length === 0) {
    await querySql(postgres, database, await readSchemaScript(site));
    return;
  }
  // Tables remember whole addresses; they follow when HDFS had to take another port.
  const [earlier, now] = [site.earlierFs, nameFileSystem(site.ports)];
  if (earlier === undefined || earlier === now) return;
  const moved = (table: string, column: string): string =>
    `UPDATE "${table}" SET "${column}" = replace("${column}", '${earlier}/', '${now}/');`;
  await querySql(
    postgres,
    database,
    moved('SDS', 'LOCATION') + moved('DBS', 'DB_LOCATION_URI') + moved('DBS', 'DB_MANAGED_LOCATION_URI'),
  );
}

function metastoreSite(site: BuildSite): Record<string, string | number | boolean> {
  const ql = 'org.apache.hadoop.hive.ql.optimizer.ppr.PartitionExpressionForMetastore';
  const none = 'org.apache.hadoop.hive.metastore.DefaultPartitionExpressionProxy';
  return {
    'metastore.thrift.uris': `thrift://127.0.0.1:${site.ports.metastore}`,
    'metastore.thrift.port': site.ports.metastore,
    'metastore.thrift.bind.host': '127.0.0.1',
    'metastore.warehouse.dir': warehouse.managed,
    'metastore.warehouse.external.dir': warehouse.external,
    'javax.jdo.option.ConnectionURL': `jdbc:postgresql://127.0.0.1:${site.ports.postgres}/${database}`,
    'javax.jdo.option.ConnectionDriverName': 'org.postgresql.Driver',
    'javax.jdo.option.ConnectionUserName': 'hive',
    'javax.jdo.option.ConnectionPassword': '',
    'metastore.schema.verification': true,
    // Partition pruning for HiveServer2 evaluates Hive's own expressions, whose classes are in hive-exec.
    'metastore.expression.proxy': site.parts.has('hiveserver') ? ql : none,
    'metastore.task.threads.always': 'org.apache.hadoop.hive.metastore.events.EventCleanerTask',
    'metastore.metastore.event.db.notification.api.auth': false,
    'hive.metastore.execute.setugi': true,
    'metastore.metrics.enabled': false,
  };
}

/** Starts PostgreSQL and on it the Hive metastore. */
export async function startMetastore(site: BuildSite): Promise<void> {
  await startPostgres(site);
  await prepareDatabase(site);

  const conf = join(site.folder, 'conf', 'metastore');
  writeConf(conf, {
    'core-site.xml': renderSiteXml(coreSite(site)),
    'hdfs-site.xml': renderSiteXml(hdfsClientSite),
    'metastore-site.xml': renderSiteXml(metastoreSite(site)),
    'log4j2.xml': log4j2Xml,
  });
  const jars = site.jars('metastore').filter((path) => path.endsWith('.jar'));
  const hiveExec = site.parts.has('hiveserver')
    ? site.jars('hiveserver').filter((path) => basename(path).startsWith('hive-exec-'))
    : [];
  const port = site.ports.metastore;
  await site.start({
    name: 'metastore',
    part: 'metastore',
    ...writeJavaCommand(site, 'metastore', {
      mainClass: 'org.apache.hadoop.hive.metastore.HiveMetaStore',
      args: ['-p', String(port)],
      classPath: [conf, ...jars, ...hiveExec],
      heap: 512,
      systemProperties: { 'log4j2.configurationFile': join(conf, 'log4j2.xml') },
    }),
    env: { HIVE_HOME: site.folder, METASTORE_HOME: site.folder, HIVE_CONF_DIR: conf, METASTORE_CONF_DIR: conf },
    isReady: () => answersMetastore(port),
    deadline: 180,
  });
}
