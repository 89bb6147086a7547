import { parseXattrs, formatXattr, type XattrFlag } from './xattr.ts';
import { NameNode } from './namenode.ts';
import type { WebHdfsOptions } from './options.ts';
import { readConfiguration } from './configuration.ts';
import { failure, type Params } from './operation.ts';
import { cleanPath } from './path.ts';
import type { CallCounter } from '#shared/observe/call-counter.ts';

/** Owner, permission and ACL entries of a file or directory (AclStatus of the WebHDFS specification). */
export interface AclStatus {
  readonly owner: string;
  readonly group: string;
  /** Octal text such as `750`. */
  readonly permission: string;
  readonly stickyBit: boolean;
  /** Extended entries such as `user:alice:r-x` and `default:group::r--`; none when only the permission counts. */
  readonly entries: readonly string[];
}

/** What a file system does unless a client says otherwise (FsServerDefaults of the WebHDFS specification). */
export interface ServerDefaults {
  /** True when data is encrypted on its way to and from DataNodes. */
  readonly encryptDataTransfer: boolean;
  /** Where the keys of encryption zones are kept; empty where there is no such place. Undefined before Hadoop 3. */
  readonly keyProvider: string | undefined;
  /** Minutes that deleted files stay in the trash; 0 for no trash. */
  readonly trashMinutes: number;
}

/** Limits of a tree (QuotaUsage of the WebHDFS specification). */
export interface QuotaUsage {
  /** Most names allowed; -1 when there is no limit. */
  readonly quota: number;
  /** Most bytes on disk allowed; -1 when there is no limit. */
  readonly spaceQuota: number;
}

/** One difference between two snapshots. */
export interface SnapshotDifference {
  readonly type: 'CREATE' | 'MODIFY' | 'DELETE' | 'RENAME';
  /** Path relative to the snapshottable directory, in the older snapshot except for CREATE; empty for the directory itself. */
  readonly source: string;
  /** New relative path of what was renamed. */
  readonly target?: string;
}

const differenceTypes: ReadonlySet<unknown> = new Set(['CREATE', 'MODIFY', 'DELETE', 'RENAME']);

/** Everything that concerns names and not bytes. Each method throws the `hdfs.*` codes of shared/errors/codes.ts. */
export abstract class HdfsMetadata {
  protected readonly namenode: NameNode;

  constructor(options: WebHdfsOptions) {
    this.namenode = new NameNode(options);
  }

  /** HTTP requests made so far. */
  get calls(): number {
    return this.counter.total;
  }

  /** Counts the same by the work that makes them. */
  get counter(): CallCounter {
    return this.namenode.counter;
  }

  /** Closes every connection; calls that are under way fail. */
  close(): void {
    this.namenode.close();
  }

  /** A change that ends the same when it is made twice. */
  protected async set(op: string, path: string, params: Params = {}): Promise<void> {
    const operation = { op, method: 'PUT', path: cleanPath(path), params, repeatable: true } as const;
    const { text } = await this.namenode.call(operation);
    // Some operations say no in this way, with HTTP 200.
    if (text === '{"boolean":false}') throw failure(operation, 'hdfs.invalid', 'the NameNode answers false');
  }

  /** A change that must not be made twice. */
  protected async change(op: string, method: 'PUT' | 'POST' | 'DELETE', path: string, params: Params): Promise<string> {
    const { text } = await this.namenode.call({ op, method, path: cleanPath(path), params, repeatable: false });
    return text;
  }

  protected async get<T>(
    op: string,
    path: string,
    params: Params,
    pick: (answer: Record<string, unknown>) => T | undefined,
  ): Promise<T> {
    return this.namenode.json({ op, method: 'GET', path: cleanPath(path), params, repeatable: true }, pick);
  }

  /** Sets the permission, octal text such as `750` or `1777`. */
  async setPermission(path: string, permission: string): Promise<void> {
    await this.set('SETPERMISSION', path, { permission });
  }

  /** Sets owner, group or both; only a superuser may change the owner. */
  async setOwner(path: string, { owner, group }: { owner?: string; group?: string }): Promise<void> {
    await this.set('SETOWNER', path, { owner, group });
  }

  /** Sets times in milliseconds since the epoch; what is left out stays. */
  async setTimes(path: string, times: { modificationTime?: number; accessTime?: number }): Promise<void> {
    await this.set('SETTIMES', path, { modificationtime: times.modificationTime, accesstime: times.accessTime });
  }

  /** Sets the wanted number of replicas of a file; `hdfs.invalid` for anything else. */
  async setReplication(path: string, replication: number): Promise<void> {
    await this.set('SETREPLICATION', path, { replication });
  }

  /** Extended attributes by full name such as `user.origin`, their values byte for byte. */
  async getXattrs(path: string): Promise<Map<string, Uint8Array>> {
    return this.get('GETXATTRS', path, { encoding: 'base64' }, parseXattrs);
  }

  /** Sets an extended attribute. `create` refuses when it exists, `replace` when it does not, `any` does either. */
  async setXattr(path: string, name: string, value: Uint8Array, flag: XattrFlag = 'any'): Promise<void> {
    const params = formatXattr(name, value, flag);
    if (flag === 'create') await this.change('SETXATTR', 'PUT', path, params);
    else await this.set('SETXATTR', path, params);
  }

  /** Removes an extended attribute. */
  async removeXattr(path: string, name: string): Promise<void> {
    await this.change('REMOVEXATTR', 'PUT', path, { 'xattr.name': name });
  }

  /** Owner, permission and extended ACL entries. */
  async aclStatus(path: string): Promise<AclStatus> {
    return this.get('GETACLSTATUS', path, {}, ({ AclStatus: status }) => {
      const { owner, group, permission, stickyBit, entries } = (status ?? {}) as Partial<AclStatus>;
      if (owner === undefined || group === undefined || !Array.isArray(entries)) return undefined;
      return {
        owner,
        group,
        permission: permission ?? '',
        stickyBit: stickyBit === true,
        entries: entries as string[],
      };
    });
  }

  /** Adds or changes ACL entries such as `user:alice:r-x`. */
  async modifyAcl(path: string, entries: readonly string[]): Promise<void> {
    await this.set('MODIFYACLENTRIES', path, { aclspec: entries.join(',') });
  }

  /** Replaces the whole ACL; user, group and other must be among the entries. */
  async setAcl(path: string, entries: readonly string[]): Promise<void> {
    await this.set('SETACL', path, { aclspec: entries.join(',') });
  }

  /** Removes every extended ACL entry. */
  async removeAcl(path: string): Promise<void> {
    await this.set('REMOVEACL', path);
  }

  /** The name of the storage policy that holds for a file or directory, such as `HOT`. */
  async storagePolicy(path: string): Promise<string> {
    return this.get('GETSTORAGEPOLICY', path, {}, ({ BlockStoragePolicy: policy }) => {
      const { name } = (policy ?? {}) as { name?: unknown };
      return typeof name === 'string' ? name : undefined;
    });
  }

  /** Sets the storage policy by its name. */
  async setStoragePolicy(path: string, name: string): Promise<void> {
    await this.set('SETSTORAGEPOLICY', path, { storagepolicy: name });
  }

  /** Lets a directory be snapshotted; needs a superuser. Without it the calls on snapshots end in `hdfs.unsupported`. */
  async allowSnapshot(path: string): Promise<void> {
    await this.set('ALLOWSNAPSHOT', path);
  }

  /** Ends that; refused while there are snapshots. */
  async disallowSnapshot(path: string): Promise<void> {
    await this.set('DISALLOWSNAPSHOT', path);
  }

  /** Takes a snapshot and gives its path. */
  async createSnapshot(path: string, name: string): Promise<string> {
    await this.change('CREATESNAPSHOT', 'PUT', path, { snapshotname: name });
    return cleanPath(`${path}/.snapshot/${name}`);
  }

  /** Deletes a snapshot. */
  async deleteSnapshot(path: string, name: string): Promise<void> {
    await this.change('DELETESNAPSHOT', 'DELETE', path, { snapshotname: name });
  }

  /** Renames a snapshot. */
  async renameSnapshot(path: string, from: string, to: string): Promise<void> {
    await this.change('RENAMESNAPSHOT', 'PUT', path, { oldsnapshotname: from, snapshotname: to });
  }

  /**
   * What changed between two snapshots, in the NameNode's order; an empty `to` means the present state.
   * A new directory is reported at its top alone, and MODIFY of a directory says that its entries changed.
   */
  async snapshotDiff(path: string, from: string, to: string): Promise<SnapshotDifference[]> {
    const params = { oldsnapshotname: from, snapshotname: to };
    return this.get('GETSNAPSHOTDIFF', path, params, ({ SnapshotDiffReport: report }) => {
      const list = (report as { diffList?: unknown } | undefined)?.diffList;
      if (!Array.isArray(list)) return undefined;
      const entries = list as { type?: unknown; sourcePath?: string; targetPath?: string }[];
      if (!entries.every(({ type, sourcePath }) => differenceTypes.has(type) && sourcePath !== undefined)) {
        return undefined;
      }
      return entries.map(({ type, sourcePath = '', targetPath }) => ({
        type: type as SnapshotDifference['type'],
        source: sourcePath,
        ...(type === 'RENAME' && targetPath !== undefined ? { target: targetPath } : {}),
      }));
    });
  }

  /** Names of the snapshots of a directory, oldest first. */
  async snapshotList(path: string): Promise<string[]> {
    return this.get('GETSNAPSHOTLIST', path, {}, (answer) => {
      const list = answer['SnapshotList'];
      if (!Array.isArray(list)) return undefined;
      return (list as { dirStatus?: { pathSuffix?: string } }[]).map(({ dirStatus }) => dirStatus?.pathSuffix ?? '');
    });
  }

  /** What the file system does unless a client says otherwise. */
  async serverDefaults(): Promise<ServerDefaults> {
    return this.get('GETSERVERDEFAULTS', '/', {}, ({ FsServerDefaults: defaults }) => {
      const { encryptDataTransfer, keyProviderUri, trashInterval } = (defaults ?? {}) as Record<string, unknown>;
      if (typeof encryptDataTransfer !== 'boolean') return undefined;
      return {
        encryptDataTransfer,
        keyProvider: typeof keyProviderUri === 'string' ? keyProviderUri : undefined,
        trashMinutes: typeof trashInterval === 'number' ? trashInterval : 0,
      };
    });
  }

  /** The limits of a tree. The NameNode knows them at once when there are some, and walks the tree when there are none. */
  async quotaUsage(path: string): Promise<QuotaUsage> {
    return this.get('GETQUOTAUSAGE', path, {}, ({ QuotaUsage: usage }) => {
      const { quota, spaceQuota } = (usage ?? {}) as Record<string, unknown>;
      return typeof quota === 'number' && typeof spaceQuota === 'number' ? { quota, spaceQuota } : undefined;
    });
  }

  /** All settings of the NameNode; what it takes for a secret it hides. Kerberized clusters may refuse (`hdfs.unauthenticated`). */
  async configuration(): Promise<Map<string, string>> {
    const operation = { op: 'CONF', method: 'GET', path: '/', page: '/conf', repeatable: true } as const;
    const { text } = await this.namenode.call(operation);
    const settings = readConfiguration(text);
    if (settings.size === 0) throw failure(operation, 'hdfs.protocol', 'the answer is no configuration');
    return settings;
  }

  /** The NameNode's clock in milliseconds since the epoch, to the second (the Date header of its answer). */
  async serverTime(): Promise<number> {
    const operation = { op: 'GETFILESTATUS', method: 'GET', path: '/', repeatable: true } as const;
    const { date } = await this.namenode.call(operation);
    const time = Date.parse(date ?? '');
    if (Number.isNaN(time)) throw failure(operation, 'hdfs.protocol', 'the answer has no Date header');
    return time;
  }

  /** The user's home directory. */
  async homeDirectory(): Promise<string> {
    return this.get('GETHOMEDIRECTORY', '/', {}, ({ Path: path }) => (typeof path === 'string' ? path : undefined));
  }

  /** Fetches a delegation token that `renewer` may renew; undefined where the cluster gives none (no Kerberos). */
  async getDelegationToken(renewer?: string): Promise<string | undefined> {
    const { text } = await this.get('GETDELEGATIONTOKEN', '/', { renewer }, ({ Token: token }) => ({
      text: (token as { urlString?: string } | null | undefined)?.urlString,
    }));
    return text;
  }

  /** Renews a delegation token and gives the time of its new end, in milliseconds since the epoch. */
  async renewDelegationToken(token: string): Promise<number> {
    const operation = {
      op: 'RENEWDELEGATIONTOKEN',
      method: 'PUT',
      path: '/',
      params: { token },
      repeatable: true,
    } as const;
    return this.namenode.json(operation, ({ long }) => (typeof long === 'number' ? long : undefined));
  }

  /** Cancels a delegation token. */
  async cancelDelegationToken(token: string): Promise<void> {
    await this.change('CANCELDELEGATIONTOKEN', 'PUT', '/', { token });
  }
}
