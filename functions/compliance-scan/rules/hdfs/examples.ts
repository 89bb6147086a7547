import { type HdfsAclEntry, type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { letters } from '../../inventory/hdfs/permission.ts';

/** A folder of a golden zone as examples show it; its mode says what others and members may do. */
export function folder(more: Partial<HdfsFolderBody> = {}, path = '/golden/clicks') {
  const mode = more.mode ?? '0750';
  const bits = Number.parseInt(mode, 8);
  const body: HdfsFolderBody = {
    path,
    root: 'golden',
    depth: 1,
    owner: 'connect',
    group: 'lake',
    mode,
    others: letters(bits & 7),
    members: letters((bits >> 3) & 7),
    sticky: (bits & 0o1000) !== 0,
    reachable: true,
    othersAbove: '--x',
    acl: [],
    encrypted: true,
    snapshots: false,
    ...more,
  };
  return { name: path, kind: hdfsKinds.folder, body };
}

/** Files in a folder. */
export function files(more: Partial<NonNullable<HdfsFolderBody['files']>>) {
  return { count: 3, readable: 0, writable: 0, plain: 0, strange: [], ...more };
}

/** An ACL entry for a user. */
export function entry(name: string, permission: string, more: Partial<HdfsAclEntry> = {}): HdfsAclEntry {
  return { scope: 'access', type: 'user', name, permission, effective: permission, ...more };
}

/** An ACL entry in words. */
export function describeEntry({ scope, type, name, permission, effective }: HdfsAclEntry): string {
  const text = `${scope === 'default' ? 'default:' : ''}${type}:${name}:${permission}`;
  return effective === permission ? text : `${text} (${effective} after the mask)`;
}
