import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import { nameFileSystem, writeJavaCommand, type BuildSite } from '../build-site.ts';
import type { JarGroup } from '../jars.ts';
import { runTool } from '../launch.ts';
import { querySql } from '../postgres-client.ts';

/** The database of the metastore in PostgreSQL; its only user is `hive`. */
export const database = 'metastore';

/** How Hive reaches a database. */
export interface JdbcAddress {
  readonly url: string;
  readonly driver: string;
  readonly user: string;
}

/** The archive of a release, which alone holds the SQL that makes the schema. */
function findArchive(site: BuildSite, jars: JarGroup): string {
  const archive = site.jars(jars).find((path) => path.endsWith('.tar.gz'));
  if (archive === undefined) throw new LakewardenError('lake.failed', 'no schema of the metastore among the jars');
  return archive;
}

/**
 * Makes a database in PostgreSQL, and a metastore's schema in it by the release's own script: one transaction, so it is
 * there whole or not at all. One that is there already follows HDFS to its present address.
 */
export async function prepareDatabase(
  site: BuildSite,
  jars: JarGroup,
  name: string,
  version: string,
): Promise<JdbcAddress> {
  const { postgres } = site.ports;
  const url = `jdbc:postgresql://127.0.0.1:${postgres}/${name}`;
  const address = { url, driver: 'org.postgresql.Driver', user: 'hive' };
  const databases = await querySql(postgres, 'postgres', `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (databases.length === 0) await querySql(postgres, 'postgres', `CREATE DATABASE ${name}`);
  const tables = await querySql(postgres, name, `SELECT 1 FROM pg_tables WHERE tablename = 'VERSION'`);
  if (tables.length === 0) {
    const script = `*/scripts/metastore/upgrade/postgres/hive-schema-${version}.postgres.sql`;
    const args = ['-xzOf', findArchive(site, jars), '--wildcards', script];
    await querySql(postgres, name, await runTool('tar', args, site.folder, site.signal));
    return address;
  }
  // Tables remember whole addresses; they follow when HDFS had to take another port.
  const [earlier, now] = [site.earlierFs, nameFileSystem(site)];
  if (earlier === undefined || earlier === now) return address;
  const places = [
    ['SDS', 'LOCATION'],
    ['DBS', 'DB_LOCATION_URI'],
    ['DBS', 'DB_MANAGED_LOCATION_URI'],
  ];
  for (const [table, column] of places) {
    const known = `SELECT 1 FROM pg_attribute WHERE attrelid = '"${table}"'::regclass AND attname = '${column}'`;
    if ((await querySql(postgres, name, known)).length === 0) continue;
    const moved = `replace("${column}", '${earlier}/', '${now}/')`;
    await querySql(postgres, name, `UPDATE "${table}" SET "${column}" = ${moved}`);
  }
  return address;
}

/** Makes a metastore's schema in a Derby database by the release's own tool and script; it is there whole or not at all. */
export async function prepareDerby(site: BuildSite, jars: JarGroup): Promise<JdbcAddress> {
  const folder = join(site.folder, 'data', 'derby');
  const driver = 'org.apache.derby.jdbc.EmbeddedDriver';
  // The script names the schema of Derby's own default user.
  const user = 'APP';
  const urlOf = (place: string): string => `jdbc:derby:;databaseName=${place};create=true`;
  if (!existsSync(folder)) {
    const [making, home] = [`${folder}.new`, join(site.folder, 'tmp', 'derby-schema')];
    for (const path of [making, home]) rmSync(path, { recursive: true, force: true });
    for (const path of [dirname(making), home]) mkdirSync(path, { recursive: true });
    const scripts = ['--strip-components=1', '--wildcards', '*/scripts/metastore/upgrade/derby/*'];
    await runTool('tar', ['-xzf', findArchive(site, jars), '-C', home, ...scripts], site.folder, site.signal);
    const tool = writeJavaCommand(site, 'derby-schema', {
      mainClass: 'org.apache.hadoop.hive.metastore.tools.schematool.MetastoreSchemaTool',
      args: [
        ...'-dbType derby -initSchema -passWord none'.split(' '),
        '-url',
        urlOf(making),
        '-driver',
        driver,
        '-userName',
        user,
      ],
      classPath: site.jars(jars).filter((path) => path.endsWith('.jar')),
      heap: 512,
    });
    await site.run('derby-schema', { ...tool, env: { METASTORE_HOME: home, HIVE_HOME: home } });
    renameSync(making, folder);
  }
  return { url: urlOf(folder), driver, user };
}
