import type { AclStatus, QuotaUsage, ServerDefaults } from '#shared/hdfs/metadata.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import type { Resource } from '../../model/resource.ts';
import { labelsOf, type LabelRule } from '../label-registry.ts';
import { type HdfsFileFacts, type HdfsFileSystemBody, type HdfsFolderBody, hdfsKinds } from './kinds.ts';
import { isStrangeName } from './name-trouble.ts';
import { readAcl, readMode } from './permission.ts';

/** A folder as the walk comes upon it. */
export interface SeenFolder {
  readonly status: FileStatus;
  readonly root: string;
  readonly depth: number;
  /** True when others may pass through all folders above. */
  readonly reachable: boolean;
  /** What others may do with the folder above; undefined for a root. */
  readonly othersAbove?: string;
}

/** A folder that lies in another one. */
export function folderIn({ status, root, depth, reachable }: SeenFolder, child: FileStatus): SeenFolder {
  const { others } = readMode(status.permission);
  return { status: child, root, depth: depth + 1, reachable: reachable && others[2] === 'x', othersAbove: others };
}

/** The id of the listing of a kind. */
export function hdfsScope(fileSystem: string, kind: string): string {
  return `hdfs/${fileSystem}/${kind}`;
}

/** Settings of the NameNode that rules look at. */
const lookedAt = [
  'dfs.data.transfer.protection',
  'dfs.encrypt.data.transfer',
  'dfs.http.policy',
  'dfs.namenode.acls.enabled',
  'dfs.permissions.enabled',
  'dfs.permissions.superusergroup',
  'fs.permissions.umask-mode',
  'hadoop.rpc.protection',
  'hadoop.security.authentication',
  'hadoop.security.authorization',
];

/** A file system as a resource; what could not be read is undefined. */
export function normaliseFileSystem(
  name: string,
  defaults: ServerDefaults | undefined,
  configuration: ReadonlyMap<string, string> | undefined,
): Resource<HdfsFileSystemBody> {
  const settings = lookedAt.flatMap((key) => {
    const value = configuration?.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  const body: HdfsFileSystemBody = {
    ...(defaults === undefined
      ? {}
      : { encryptsTransfer: defaults.encryptDataTransfer, trashMinutes: defaults.trashMinutes }),
    ...(defaults?.keyProvider === undefined ? {} : { keyProvider: withoutSecrets(defaults.keyProvider) }),
    ...(configuration === undefined ? {} : { settings: Object.fromEntries(settings) }),
  };
  const kind = hdfsKinds.fileSystem;
  return {
    uid: `hdfs/${name}/filesystem`,
    kind,
    scope: hdfsScope(name, kind),
    name,
    place: { fileSystem: name },
    body,
  };
}

/** An address may hold a user and a password. */
function withoutSecrets(address: string): string {
  return address.replace(/\/\/[^/@;]*:[^/@;]*@/, '//');
}

/** What was found right in a folder, counted one by one. */
export class FolderContent {
  #files = { count: 0, readable: 0, writable: 0, plain: 0 };
  #strange: string[] = [];
  #folders = { count: 0, plain: 0 };
  #plainNames: string[] = [];

  add(status: FileStatus): void {
    if (status.type === 'DIRECTORY') {
      this.#folders.count += 1;
      if (status.encrypted) return;
      this.#folders.plain += 1;
      if (this.#plainNames.length < shown) this.#plainNames.push(status.name);
      return;
    }
    const { others } = readMode(status.permission);
    this.#files.count += 1;
    if (others[0] === 'r') this.#files.readable += 1;
    if (others[1] === 'w') this.#files.writable += 1;
    if (!status.encrypted) this.#files.plain += 1;
    if (this.#strange.length < shown && isStrangeName(status.name)) this.#strange.push(status.name);
  }

  get facts(): { files: HdfsFileFacts; folders: NonNullable<HdfsFolderBody['folders']> } {
    return {
      files: { ...this.#files, strange: this.#strange },
      folders: { ...this.#folders, plainNames: this.#plainNames },
    };
  }
}

/** Names that evidence shows at most; listings come sorted, so that they are the same ones each time. */
const shown = 5;

/** A folder as a resource. `acl` is undefined where the folder has none, `unread` where it could not be read. */
export function normaliseFolder(
  fileSystem: string,
  { status, root, depth, reachable, othersAbove }: SeenFolder,
  acl: AclStatus | 'unread' | undefined,
  quota: QuotaUsage | undefined,
  content: FolderContent | undefined,
  registry: readonly LabelRule[],
): Resource<HdfsFolderBody> {
  const { mode, others, group, sticky } = readMode(status.permission);
  const entries = acl === 'unread' ? undefined : readAcl(acl?.entries ?? [], group);
  const own = entries?.find(({ scope, type, name }) => scope === 'access' && type === 'group' && name === '');
  const { path } = status;
  const body: HdfsFolderBody = {
    path,
    root,
    depth,
    owner: status.owner,
    group: status.group,
    mode,
    others,
    members: own?.effective ?? group,
    sticky,
    reachable,
    ...(othersAbove === undefined ? {} : { othersAbove }),
    ...(entries === undefined ? {} : { acl: entries }),
    encrypted: status.encrypted,
    ...(status.erasureCoded ? { erasureCoding: status.ecPolicy ?? 'unnamed' } : {}),
    snapshots: status.snapshotEnabled,
    ...(quota === undefined ? {} : { quota: { names: limit(quota.quota), bytes: limit(quota.spaceQuota) } }),
    ...content?.facts,
  };
  const labels = labelsOf(registry, path);
  const kind = hdfsKinds.folder;
  return {
    uid: `hdfs/${fileSystem}/folder${path}#${status.fileId}`,
    kind,
    scope: hdfsScope(fileSystem, kind),
    name: path,
    place: { fileSystem, root },
    ...(labels === undefined ? {} : { labels }),
    body,
  };
}

/** A limit, or null for none; a root folder has the largest number in the place of none. */
function limit(value: number): number | null {
  return value < 0 || value >= 2 ** 63 - 1024 ? null : value;
}
