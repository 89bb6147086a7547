// Lists the Deployments of a cluster by Kubernetes' own client for Node, a page at a time, and counts those without an owner.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , folder, server] = process.argv;
const path = createRequire(`${folder}/`).resolve('@kubernetes/client-node');
const { AppsV1Api, KubeConfig } = await import(pathToFileURL(path).href);
const config = new KubeConfig();
config.loadFromOptions({
  clusters: [{ name: 'c', server, skipTLSVerify: true }],
  users: [{ name: 'u' }],
  contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
  currentContext: 'x',
});
const api = config.makeApiClient(AppsV1Api);
let [objects, unowned, token] = [0, 0, undefined];
do {
  const list = await api.listDeploymentForAllNamespaces({ limit: 500, _continue: token });
  for (const { metadata } of list.items) {
    objects += 1;
    if (metadata?.labels?.owner === undefined) unowned += 1;
  }
  // oxlint-disable-next-line no-underscore-dangle -- the client's own name
  token = list.metadata?._continue;
} while (token);
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const memory = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1_024;
console.log(JSON.stringify({ objects, verdicts: unowned, cpu: (userCPUTime + systemCPUTime) / 1_000, memory }));
