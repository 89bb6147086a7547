import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import { writeJavaCommand, type BuildSite } from '../build-site.ts';
import { cacheFolder } from '../jars.ts';
import { runTool } from '../launch.ts';
import { waitForLock } from '../lock.ts';
import { answersHttp } from '../probes.ts';

/** Unpacks the registry's archive into the cache, once on this machine; 146 MB. */
async function unpackArchive(site: BuildSite): Promise<string> {
  const archive = site.jars('registry').find((path) => path.endsWith('.tar.gz'));
  if (archive === undefined) throw new LakewardenError('lake.failed', 'no archive of the registry among the jars');
  const folder = join(cacheFolder(), 'registry', '2.6.13');
  if (existsSync(folder)) return folder;
  const release = await waitForLock(folder, () => {}, site.signal);
  try {
    if (existsSync(folder)) return folder;
    rmSync(`${folder}.new`, { recursive: true, force: true });
    mkdirSync(`${folder}.new`, { recursive: true });
    await runTool('tar', ['-xzf', archive], `${folder}.new`, site.signal);
    renameSync(`${folder}.new`, folder);
    return folder;
  } finally {
    release();
  }
}

/** Starts a schema registry, which keeps its schemas in memory. */
export async function startRegistry(site: BuildSite): Promise<void> {
  const folder = await unpackArchive(site);
  const { registry } = site.ports;
  const command = writeJavaCommand(site, 'registry', {
    mainClass: 'io.quarkus.runner.GeneratedMain',
    args: [],
    classPath: [join(folder, 'apicurio-registry-app-2.6.13.Final-runner.jar')],
    heap: 256,
    systemProperties: {
      'quarkus.http.host': '127.0.0.1',
      'quarkus.http.port': String(registry),
      'java.util.logging.manager': 'org.jboss.logmanager.LogManager',
    },
  });
  await site.start({
    name: 'registry',
    part: 'registry',
    ...command,
    isReady: () => answersHttp(`http://127.0.0.1:${registry}/apis/ccompat/v7/subjects`),
    deadline: 180,
  });
}
