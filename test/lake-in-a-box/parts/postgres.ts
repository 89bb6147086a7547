import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import type { BuildSite } from '../build-site.ts';
import { javaTool } from '../jvm.ts';
import { runTool } from '../launch.ts';
import { querySql } from '../postgres-client.ts';

/** PostgreSQL refuses to run as root; then it runs as nobody. */
const nobody = 65_534;
const uid = process.getuid?.() === 0 ? nobody : undefined;

function everybodyMayEnter(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** The folder for PostgreSQL: in the lake's own, or in the machine's temporary one where its user could not reach that. */
export function choosePostgresFolder(lakeFolder: string): string {
  if (uid === undefined || everybodyMayEnter(lakeFolder)) return join(lakeFolder, 'data', 'postgres');
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-postgres-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Unpacks PostgreSQL's own binaries out of the jar that brings them; 60 MB. */
async function unpackBinaries(site: BuildSite, target: string): Promise<void> {
  const jar = site.jars('postgres').find((path) => path.includes('embedded-postgres-binaries'));
  if (jar === undefined) throw new LakewardenError('lake.failed', 'no PostgreSQL binaries among the resolved jars');
  const unpacking = `${target}.new`;
  rmSync(unpacking, { recursive: true, force: true });
  mkdirSync(unpacking, { recursive: true });
  await runTool(javaTool('jar'), ['xf', jar], unpacking, site.signal);
  const archive = readdirSync(unpacking).find((name) => name.endsWith('.txz'));
  await runTool('tar', ['--no-same-owner', '-xJf', archive ?? 'postgres.txz'], unpacking, site.signal);
  rmSync(join(unpacking, archive ?? ''));
  renameSync(unpacking, target);
}

/** Starts PostgreSQL, making its cluster first where there is none. */
export async function startPostgres(site: BuildSite): Promise<void> {
  const folder = site.postgresFolder;
  const binaries = join(folder, 'server');
  const data = join(folder, 'cluster');
  mkdirSync(folder, { recursive: true });
  if (uid !== undefined) chownSync(folder, uid, uid);
  if (!existsSync(binaries)) await unpackBinaries(site, binaries);

  if (!existsSync(data)) {
    rmSync(`${data}.new`, { recursive: true, force: true });
    const args = ['-D', `${data}.new`, '-U', 'hive', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
    await site.run('postgres-init', { command: join(binaries, 'bin', 'initdb'), args, uid });
    renameSync(`${data}.new`, data);
  }
  // Nobody runs in this folder now. The file of a server that was killed could name a process that is not PostgreSQL.
  rmSync(join(data, 'postmaster.pid'), { force: true });

  const port = site.ports.postgres;
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    // A lake to play with need not survive a power cut.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  await site.start({
    name: 'postgres',
    part: 'postgres',
    command: join(binaries, 'bin', 'postgres'),
    args: ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    uid,
    // SIGINT ends PostgreSQL without waiting for its clients.
    stopSignal: 'SIGINT',
    isReady: async () => (await querySql(port, 'postgres', 'SELECT 1', 5_000)).length === 1,
    deadline: 60,
  });
}
