import type { HdfsAclEntry } from './kinds.ts';

/** The three letters of an octal digit, such as `r-x`. */
export function letters(digit: number): string {
  return `${digit & 4 ? 'r' : '-'}${digit & 2 ? 'w' : '-'}${digit & 1 ? 'x' : '-'}`;
}

/** What owner, group (or mask) and others may do, by an octal text such as `750` or `1777`. */
export function readMode(permission: string): { group: string; others: string; sticky: boolean; mode: string } {
  const bits = Number.parseInt(permission, 8) || 0;
  return {
    group: letters((bits >> 3) & 7),
    others: letters(bits & 7),
    sticky: (bits & 0o1000) !== 0,
    mode: bits.toString(8).padStart(4, '0'),
  };
}

/** What a permission leaves of another one. */
export function masked(permission: string, mask: string): string {
  return permission.replaceAll(/./g, (letter, index: number) => (mask[index] === '-' ? '-' : letter));
}

/**
 * Reads ACL entries as the NameNode tells them, such as `user:alice:rwx` and `default:mask::r-x` (HDFS Permissions Guide). It
 * leaves out what the mode says: the owner, the mask, which takes the place of the group, and others.
 */
export function readAcl(entries: readonly string[], mask: string): HdfsAclEntry[] {
  const parsed = entries.flatMap((entry) => {
    const match = /^(default:)?(user|group|mask|other):([^]*):([r-][w-][x-])$/.exec(entry);
    if (match === null) return [];
    const [, scope, type = '', name = '', permission = ''] = match;
    return [{ scope: scope === undefined ? 'access' : 'default', type, name, permission } as HdfsAclEntry];
  });
  const defaultMask = parsed.find(({ scope, type }) => scope === 'default' && type === 'mask')?.permission ?? 'rwx';
  return parsed.map((entry) => {
    const isMasked = entry.type === 'group' || (entry.type === 'user' && entry.name !== '');
    const by = entry.scope === 'default' ? defaultMask : mask;
    return { ...entry, effective: isMasked ? masked(entry.permission, by) : entry.permission };
  });
}
