import type { Settings } from './conf-files.ts';
import type { Ports } from './ports.ts';

/** The name under which clients know a pair of NameNodes. */
export const nameService = 'lake';

/** What clients and servers of a pair of NameNodes must know: `nn1` is the process namenode, `nn2` standby. */
export function pairSite(ports: Ports): Settings {
  const provider = 'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider';
  return {
    'dfs.nameservices': nameService,
    [`dfs.ha.namenodes.${nameService}`]: 'nn1,nn2',
    [`dfs.namenode.rpc-address.${nameService}.nn1`]: `127.0.0.1:${ports.namenodeRpc}`,
    [`dfs.namenode.http-address.${nameService}.nn1`]: `127.0.0.1:${ports.namenodeHttp}`,
    [`dfs.namenode.rpc-address.${nameService}.nn2`]: `127.0.0.1:${ports.standbyRpc}`,
    [`dfs.namenode.http-address.${nameService}.nn2`]: `127.0.0.1:${ports.standbyHttp}`,
    [`dfs.client.failover.proxy.provider.${nameService}`]: provider,
    'dfs.client.failover.sleep.base.millis': 100,
    'dfs.client.failover.sleep.max.millis': 1000,
  };
}
