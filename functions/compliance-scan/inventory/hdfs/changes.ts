import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Change } from '../source.ts';
import { hdfsKinds } from './kinds.ts';
import { hdfsScope } from './normalise.ts';
import type { HdfsSettings } from './settings.ts';

/** A line of the NameNode's audit log, as text, or as the `message` of what a shipper of logs sends. */
const audit = 'org.apache.hadoop.hdfs.audit';

/** Commands of the audit log that change what rules look at; all others only read, or write bytes. */
const commands: ReadonlyMap<string, string> = new Map([
  ['create', 'hdfs/content'],
  ['mkdirs', 'hdfs/content'],
  ['rename', 'hdfs/content'],
  ['delete', 'hdfs/content'],
  ['concat', 'hdfs/content'],
  ['setPermission', 'hdfs/permission'],
  ['setOwner', 'hdfs/permission'],
  ['modifyAclEntries', 'hdfs/permission'],
  ['removeAclEntries', 'hdfs/permission'],
  ['removeDefaultAcl', 'hdfs/permission'],
  ['removeAcl', 'hdfs/permission'],
  ['setAcl', 'hdfs/permission'],
  ['createEncryptionZone', 'hdfs/encryption'],
  ['setQuota', 'hdfs/quota'],
  ['clearQuota', 'hdfs/quota'],
  ['clearSpaceQuota', 'hdfs/quota'],
  ['setSpaceQuota', 'hdfs/quota'],
  ['allowSnapshot', 'hdfs/snapshot'],
  ['disallowSnapshot', 'hdfs/snapshot'],
]);

/** Which folders an event concerns; undefined for events that are none of HDFS's. */
export function readHdfsChanges(event: CloudEventIn, settings: HdfsSettings): readonly Change[] | undefined {
  const told = readPaths(event);
  if (told === undefined) return undefined;
  const folders = new Set(told.paths.flatMap((path) => foldersOf(path, settings)));
  const scope = hdfsScope(settings.name, hdfsKinds.folder);
  return [...folders].map((name) => {
    const root = settings.roots.find(({ path }) => isIn(name, path))?.name ?? '';
    const place = { fileSystem: settings.name, root };
    return { reference: { kind: hdfsKinds.folder, scope, name, place }, deleted: false, happening: told.happening };
  });
}

interface Told {
  readonly paths: readonly string[];
  readonly happening: string;
}

function readPaths({ type, data }: CloudEventIn): Told | undefined {
  if (type === audit) return readAudit(data);
  if (!type.startsWith('dev.lakewarden.')) return undefined;
  const fields = (typeof data === 'object' && data !== null ? data : {}) as Readonly<Record<string, unknown>>;
  if (type === 'dev.lakewarden.file.closed') return content(fields['path']);
  if (type === 'dev.lakewarden.partition.compacted') return content(fields['file']);
  return undefined;
}

function content(...paths: readonly unknown[]): Told {
  return { paths: paths.filter((path) => typeof path === 'string'), happening: 'hdfs/content' };
}

/** `allowed=true⇥ugi=…⇥ip=…⇥cmd=setPermission⇥src=/golden/a⇥dst=null⇥perm=…`; paths may hold spaces, so tabs alone divide. */
function readAudit(data: unknown): Told {
  const nothing = { paths: [], happening: '' };
  const text = typeof data === 'object' && data !== null ? (data as { message?: unknown }).message : data;
  if (typeof text !== 'string') return nothing;
  const fields = new Map(
    text.split('\t').map((field) => {
      // Before the first field stands what the log writes before each line.
      const [, name = '', value = ''] = /(?:^|\s)([a-z]+)=([^]*)$/.exec(field) ?? [];
      return [name, value] as const;
    }),
  );
  const command = /^\w+/.exec(fields.get('cmd') ?? '')?.[0] ?? '';
  const happening = commands.get(command);
  if (happening === undefined || fields.get('allowed') !== 'true') return nothing;
  const paths = [fields.get('src') ?? '', fields.get('dst') ?? ''].filter((path) => path.startsWith('/'));
  return { paths, happening };
}

/** The folder at a path and the one above it, as far as they are looked at; of a file or of what lies deeper, the last level. */
function foldersOf(path: string, { roots }: HdfsSettings): string[] {
  const root = roots.find((each) => isIn(path, each.path));
  if (root === undefined) return [];
  const names = path.slice(root.path.length).split('/').filter(Boolean);
  const at = (length: number): string =>
    [root.path === '/' ? '' : root.path, ...names.slice(0, length)].join('/') || '/';
  const own = Math.min(names.length, root.depth);
  const above = Math.max(0, Math.min(names.length - 1, root.depth));
  return own === above ? [at(own)] : [at(own), at(above)];
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
