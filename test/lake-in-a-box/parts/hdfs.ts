import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { superuser } from '../addresses.ts';
import { coreSite, hdfsClientSite, writeJavaCommand, type BuildSite } from '../build-site.ts';
import { log4jProperties, renderSiteXml, writeConf } from '../conf-files.ts';
import { answersHdfs, answersHttp } from '../probes.ts';
import { pairServerSite, startPair } from './standby.ts';

const server = 'org.apache.hadoop.hdfs.server';
const emptyWebApp = '<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="2.4"></web-app>\n';

function hdfsSite(site: BuildSite): Record<string, string | number | boolean> {
  const { folder, ports } = site;
  return {
    ...hdfsClientSite(site),
    'dfs.replication': 1,
    'dfs.namenode.name.dir': join(folder, 'data', 'namenode'),
    'dfs.datanode.data.dir': join(folder, 'data', 'datanode'),
    ...(site.parts.has('standby')
      ? pairServerSite(folder)
      : {
          'dfs.namenode.rpc-address': `127.0.0.1:${ports.namenodeRpc}`,
          'dfs.namenode.http-address': `127.0.0.1:${ports.namenodeHttp}`,
        }),
    'dfs.datanode.address': `127.0.0.1:${ports.datanode}`,
    'dfs.datanode.http.address': `127.0.0.1:${ports.datanodeHttp}`,
    'dfs.datanode.ipc.address': `127.0.0.1:${ports.datanodeIpc}`,
    'dfs.datanode.hostname': '127.0.0.1',
    'dfs.namenode.datanode.registration.ip-hostname-check': false,
    'dfs.namenode.safemode.extension': 0,
    'dfs.namenode.fs-limits.min-block-size': 1024,
    'dfs.namenode.acls.enabled': true,
    // A DataNode that lost a block looks for it again and again, for 20 seconds if it is not told otherwise.
    'dfs.client.retry.window.base': 100,
    // A lake to play with need not survive a power cut.
    'dfs.namenode.edits.noeditlogchannelflush': true,
  };
}

const zoneKey = 'lake';

/** Keys in a file, which a lake to play with may have beside its data. The NameNode reads it once, when it starts. */
function keyProvider({ folder }: BuildSite): string {
  return `jceks://file@${join(folder, 'data', 'keys.jceks')}`;
}

function keySite(site: BuildSite): Record<string, string> {
  return site.encryptedFolders.length === 0 ? {} : { 'hadoop.security.key.provider.path': keyProvider(site) };
}

async function makeFolder(site: BuildSite, path: string, permission: string): Promise<void> {
  for (const operation of ['MKDIRS', `SETPERMISSION&permission=${permission}`]) {
    const url = `http://127.0.0.1:${site.ports.namenodeHttp}/webhdfs/v1${path}?user.name=${superuser}&op=${operation}`;
    const response = await fetch(url, { method: 'PUT', signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`${path}: ${operation} answered ${response.status} ${await response.text()}`);
  }
}

/** Starts a NameNode and a DataNode with WebHDFS, and makes the folders that Hive wants. */
export async function startHdfs(site: BuildSite): Promise<void> {
  const conf = join(site.folder, 'conf', 'hdfs');
  writeConf(conf, {
    'core-site.xml': renderSiteXml({ ...coreSite(site), ...keySite(site) }),
    'hdfs-site.xml': renderSiteXml(hdfsSite(site)),
    'log4j.properties': log4jProperties,
    // The hadoop-hdfs jar comes without its web applications and does not start without their folders.
    'webapps/hdfs/WEB-INF/web.xml': emptyWebApp,
    'webapps/datanode/WEB-INF/web.xml': emptyWebApp,
    'webapps/static/README': 'empty\n',
  });
  const classPath = [conf, ...site.jars('hdfs')];
  const nameNode = { mainClass: `${server}.namenode.NameNode`, classPath, heap: 512 };
  const dataNode = { mainClass: `${server}.datanode.DataNode`, classPath, heap: 384 };

  if (!existsSync(join(site.folder, 'data', 'namenode', 'current', 'VERSION'))) {
    const args = ['-format', '-clusterid', 'lake', '-force', '-nonInteractive'];
    await site.run('namenode-format', writeJavaCommand(site, 'namenode-format', { ...nameNode, args }));
  }
  if (site.encryptedFolders.length > 0) {
    const args = ['create', zoneKey, '-size', '128', '-provider', keyProvider(site)];
    const keys = { mainClass: 'org.apache.hadoop.crypto.key.KeyShell', classPath, heap: 64, args };
    await site.run('keys', writeJavaCommand(site, 'keys', keys));
  }
  const { namenodeHttp } = site.ports;
  const startNameNodes = async (): Promise<void> => {
    if (site.parts.has('standby')) return await startPair(site, nameNode);
    await site.start({
      name: 'namenode',
      part: 'hdfs',
      ...writeJavaCommand(site, 'namenode', nameNode),
      isReady: () =>
        answersHttp(`http://127.0.0.1:${namenodeHttp}/webhdfs/v1/?op=GETFILESTATUS&user.name=${superuser}`),
      deadline: 120,
    });
  };
  await Promise.all([
    startNameNodes(),
    site.start({
      name: 'datanode',
      part: 'hdfs',
      ...writeJavaCommand(site, 'datanode', dataNode),
      isReady: () => answersHdfs(namenodeHttp),
      deadline: 180,
    }),
  ]);
  for (const path of ['/tmp', '/tmp/hive', '/tmp/tez', '/warehouse/managed', '/warehouse/external']) {
    await makeFolder(site, path, '1777');
  }
  for (const path of site.encryptedFolders) {
    await makeFolder(site, path, '755');
    const args = ['-createZone', '-keyName', zoneKey, '-path', path];
    const zone = { mainClass: 'org.apache.hadoop.hdfs.tools.CryptoAdmin', classPath, heap: 64, args };
    await site.run('zone', writeJavaCommand(site, 'zone', zone));
  }
}
