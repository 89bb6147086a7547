import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJavaCommand, type BuildSite } from '../build-site.ts';
import { writeConf, type Settings } from '../conf-files.ts';
import { converse } from '../conversation.ts';
import type { JavaProgram } from '../jvm.ts';

/** What the servers of a pair of NameNodes must know beyond their clients: they share the edits by a folder. */
export function pairServerSite(folder: string): Settings {
  return {
    'dfs.ha.namenode.id': 'nn1',
    'dfs.namenode.shared.edits.dir': `file://${join(folder, 'data', 'shared-edits')}`,
    'dfs.ha.fencing.methods': 'shell(/bin/true)',
    'dfs.ha.tail-edits.period': 1,
  };
}

/**
 * Starts two NameNodes and makes the first one active. The argument files `haadmin` and `dfsadmin` run Hadoop's tools of
 * these names, as in `java @conf/haadmin.args -failover nn1 nn2`.
 */
export async function startPair(site: BuildSite, first: JavaProgram): Promise<void> {
  const { folder, ports } = site;
  const [conf, other] = ['hdfs', 'standby'].map((name) => join(folder, 'conf', name)) as [string, string];
  const renamed = readFileSync(join(conf, 'hdfs-site.xml'), 'utf8')
    .replace('<name>dfs.ha.namenode.id</name><value>nn1<', '<name>dfs.ha.namenode.id</name><value>nn2<')
    .replace(join(folder, 'data', 'namenode'), join(folder, 'data', 'standby'));
  cpSync(conf, other, { recursive: true });
  writeConf(other, { 'hdfs-site.xml': renamed });
  const data = join(folder, 'data', 'standby');
  // The namespace that was formatted for the first is the second's, too.
  if (!existsSync(data)) cpSync(join(folder, 'data', 'namenode'), data, { recursive: true });

  const second = { ...first, classPath: [other, ...first.classPath.slice(1)] };
  const start = async (name: 'namenode' | 'standby', program: JavaProgram, port: number): Promise<void> => {
    await site.start({
      name,
      part: name === 'namenode' ? 'hdfs' : 'standby',
      ...writeJavaCommand(site, name, program),
      // WebHDFS refuses every call until one of them is active; that it becomes active is the proof.
      isReady: () => converse(port, 5_000, () => Promise.resolve(true)),
      deadline: 120,
    });
  };
  await Promise.all([start('namenode', first, ports.namenodeRpc), start('standby', second, ports.standbyRpc)]);

  const tools = { haadmin: 'DFSHAAdmin', dfsadmin: 'DFSAdmin' };
  const tool = (name: keyof typeof tools): ReturnType<typeof writeJavaCommand> => {
    const mainClass = `org.apache.hadoop.hdfs.tools.${tools[name]}`;
    return writeJavaCommand(site, name, { mainClass, classPath: first.classPath, heap: 128 });
  };
  tool('dfsadmin');
  const haadmin = tool('haadmin');
  await site.run('make-active', { ...haadmin, args: [...haadmin.args, '-transitionToActive', 'nn1'] });
}
