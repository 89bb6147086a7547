import type { Rule } from '../../model/rule.ts';
import { settingRule } from './setting-rule.ts';

/** Rules about single settings of the NameNode. */
export const fileSystemSettings: readonly Rule[] = [
  settingRule({
    id: 'hdfs-permissions-enabled',
    title: 'HDFS checks permissions',
    why: 'With dfs.permissions.enabled=false owners, modes and ACLs are shown and mean nothing: everybody may do everything.',
    area: 'identity',
    severity: 'critical',
    setting: 'dfs.permissions.enabled',
    accepts: (value) => value.toLowerCase() === 'true',
    trouble: 'HDFS checks no permissions',
    remedy: 'Set dfs.permissions.enabled=true in hdfs-site.xml of the NameNodes and restart them.',
    good: 'true',
    bad: 'false',
  }),
  settingRule({
    id: 'hdfs-umask-closes',
    title: 'New files are closed to the writing of group and others',
    why: 'The umask decides about each file that nobody thinks of. With 000 every new file may be written by everybody.',
    area: 'identity',
    severity: 'high',
    setting: 'fs.permissions.umask-mode',
    accepts: closesWriting,
    trouble: 'new files are open to the writing of group or others',
    remedy: 'Set fs.permissions.umask-mode to 027 in core-site.xml of servers and clients; a client may have its own.',
    good: '027',
    bad: '000',
  }),
  settingRule({
    id: 'hdfs-users-authenticated',
    title: 'Users of HDFS prove who they are',
    why: 'With hadoop.security.authentication=simple a client is who it says it is, also hdfs, who may do everything.',
    area: 'identity',
    severity: 'critical',
    setting: 'hadoop.security.authentication',
    accepts: (value) => value.toLowerCase() === 'kerberos',
    trouble: 'HDFS believes whoever a client says it is',
    remedy: 'Set up Kerberos for all servers and clients of Hadoop.',
    good: 'kerberos',
    bad: 'simple',
  }),
  settingRule({
    id: 'hdfs-services-authorized',
    title: 'HDFS checks who may speak its protocols',
    why: 'With hadoop.security.authorization=false the lists in hadoop-policy.xml mean nothing, and every account may register as a DataNode.',
    area: 'identity',
    severity: 'medium',
    setting: 'hadoop.security.authorization',
    accepts: (value) => value.toLowerCase() === 'true',
    trouble: 'HDFS does not check who speaks its protocols',
    remedy: 'Set hadoop.security.authorization=true and name the services in hadoop-policy.xml.',
    good: 'true',
    bad: 'false',
  }),
  settingRule({
    id: 'hdfs-rpc-encrypted',
    title: 'Calls to the NameNode are encrypted',
    why: 'They hold names of files, owners and tokens.',
    area: 'encryption',
    severity: 'medium',
    setting: 'hadoop.rpc.protection',
    accepts: (value) => value.toLowerCase() === 'privacy',
    trouble: 'calls to the NameNode can be read on the way',
    remedy: 'Set hadoop.rpc.protection=privacy for all servers and clients.',
    good: 'privacy',
    bad: 'authentication,privacy',
    controls: { 'pci-4.0': ['4.2.1'] },
  }),
  settingRule({
    id: 'hdfs-web-encrypted',
    title: 'WebHDFS and the pages of HDFS speak HTTPS only',
    why: 'WebHDFS carries file content, delegation tokens and, without Kerberos, the name that decides about rights.',
    area: 'encryption',
    severity: 'high',
    setting: 'dfs.http.policy',
    accepts: (value) => value.toUpperCase() === 'HTTPS_ONLY',
    trouble: 'WebHDFS can be read on the way',
    remedy: 'Set dfs.http.policy=HTTPS_ONLY with certificates in ssl-server.xml.',
    good: 'HTTPS_ONLY',
    bad: 'HTTP_ONLY',
    controls: { 'pci-4.0': ['4.2.1'] },
  }),
];

/** Octal such as `027`, or symbolic such as `u=rwx,g=r-x,o=`, of which all that is not said is closed. */
function closesWriting(umask: string): boolean {
  if (/^[0-7]{1,4}$/.test(umask)) return (Number.parseInt(umask, 8) & 0o022) === 0o022;
  return !umask.split(',').some((part) => {
    const [, who = '', what = ''] = /^([ugoa]*)[=+](.*)$/.exec(part.trim()) ?? [];
    return /[goa]|^$/.test(who) && what.includes('w');
  });
}
