import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OnProgress } from '#lake-in-a-box/jars.ts';
import { runTool, startService, type Launched, type Service } from '#lake-in-a-box/launch.ts';
import { choosePort } from '#lake-in-a-box/ports.ts';
import { answersHttp } from '#lake-in-a-box/probes.ts';
import { stopProcess } from '#lake-in-a-box/process.ts';
import { startWatchdog } from '../engines/watchdog.ts';
import { provideDefinitions } from './definitions.ts';
import { kubernetes, providePrograms } from './programs.ts';

/** Where a cluster answers, and as whom one may ask. */
export interface ClusterAddresses {
  readonly server: string;
  readonly etcd: string;
  /** File with the certificate of the server, which signed itself. */
  readonly caFile: string;
  /** File with the token of somebody who may do everything. */
  readonly adminTokenFile: string;
  /** File with the token of alice, a human who may do nothing yet. */
  readonly aliceTokenFile: string;
  /** A kubeconfig file of the administrator. */
  readonly kubeconfig: string;
  /** The program that is kubectl when its first argument says so. */
  readonly program: string;
}

/** A running API server with its store: no nodes, no controllers. */
export interface Cluster {
  readonly addresses: ClusterAddresses;
  readonly stop: () => Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on free ports of 127.0.0.1, with all they write in a temporary folder: RBAC on, nobody let in
 * without a token. They end with this process, even after a `kill -9`. Throws `lake.failed`, and then nothing is left running.
 */
export async function startCluster(onProgress: OnProgress): Promise<Cluster> {
  const abort = new AbortController();
  const definitions = await provideDefinitions(onProgress, abort.signal);
  const program = join(await providePrograms(kubernetes, onProgress, abort.signal), 'kubernetes');
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-kubernetes-'));
  const watch = startWatchdog(folder);
  const running: Launched[] = [];
  const start = async (service: Service): Promise<void> => {
    const began = Date.now();
    const onStart = (launched: Launched): void => {
      running.push(launched);
      watch(launched);
    };
    await startService(folder, service, onStart, abort.signal);
    onProgress(`${service.name} is ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  };
  const stop = async (): Promise<void> => {
    // The server first: it complains without its store.
    for (const launched of running.toReversed()) await stopProcess(launched, launched.stopSignal, 5_000);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const addresses = await bringUp(folder, program, start);
    const kubectl = (...args: string[]): Promise<string> =>
      runTool(program, ['kubectl', '--kubeconfig', addresses.kubeconfig, ...args], folder, abort.signal);
    await kubectl('create', '-f', definitions);
    await waitUntilDefined(kubectl);
    onProgress('custom resources are defined');
    return { addresses, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilDefined(kubectl: (...args: string[]) => Promise<string>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await kubectl('wait', '--for=condition=Established', '--all', '--timeout=60s', 'customresourcedefinitions');
      return;
    } catch (error) {
      // It stumbles over those that have no condition at all yet.
      if (tries === 20) throw error;
      await sleep(250);
    }
  }
}

async function bringUp(
  folder: string,
  program: string,
  start: (service: Service) => Promise<void>,
): Promise<ClusterAddresses> {
  const taken = new Set<number>();
  const port = async (): Promise<number> => {
    const chosen = await choosePort(taken);
    taken.add(chosen);
    return chosen;
  };
  const [etcd, peer] = [`http://127.0.0.1:${await port()}`, `http://127.0.0.1:${await port()}`];
  const data = join(folder, 'etcd');
  const listen = [`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`, `--listen-peer-urls=${peer}`];
  const alone = [`--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`];
  await start({
    name: 'etcd',
    command: program,
    args: ['etcd', `--data-dir=${data}`, ...listen, ...alone, '--unsafe-no-fsync', '--log-level=warn'],
    isReady: () => answersHttp(`${etcd}/health`),
    deadline: 60,
  });
  const securePort = await port();
  const files = writeFiles(folder, program, etcd, securePort);
  await start({
    name: 'kube-apiserver',
    command: program,
    args: [
      'kube-apiserver',
      `--etcd-servers=${etcd}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${securePort}`,
      // Only names an address in the Service kubernetes, which nobody uses here; loopback is refused.
      '--advertise-address=192.0.2.1',
      '--endpoint-reconciler-type=none',
      `--cert-dir=${folder}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--anonymous-auth=false',
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${join(folder, 'accounts.key')}`,
      `--service-account-key-file=${join(folder, 'accounts.key')}`,
      // Otherwise later pages come from memory, and a listing could not expire as it does in older and larger clusters.
      '--feature-gates=ListFromCacheSnapshot=false',
      // It waits for a controller that makes accounts in new namespaces.
      '--disable-admission-plugins=ServiceAccount',
    ],
    isReady: () => isReady(files),
    deadline: 120,
  });
  return files;
}

function writeFiles(folder: string, program: string, etcd: string, port: number): ClusterAddresses {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'accounts.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const [admin, alice] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  writeFileSync(join(folder, 'tokens.csv'), `${admin},admin,1,"system:masters"\n${alice},alice,2,"analysts"\n`);
  const [adminTokenFile, aliceTokenFile] = [join(folder, 'admin.token'), join(folder, 'alice.token')];
  writeFileSync(adminTokenFile, admin);
  writeFileSync(aliceTokenFile, alice);
  const server = `https://127.0.0.1:${port}`;
  const caFile = join(folder, 'apiserver.crt');
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'admin',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'admin', user: { tokenFile: adminTokenFile } }],
    contexts: [{ name: 'admin', context: { cluster: 'test', user: 'admin' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return { server, etcd, caFile, adminTokenFile, aliceTokenFile, kubeconfig, program };
}

async function isReady({ server, caFile, adminTokenFile }: ClusterAddresses): Promise<boolean> {
  // The certificate is there only after the server has begun.
  const headers = { authorization: `Bearer ${readFileSync(adminTokenFile, 'utf8')}` };
  const ca = readFileSync(caFile);
  return new Promise((resolve, reject) => {
    const asked = request(`${server}/readyz`, { ca, headers, agent: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked
      .on('error', reject)
      .on('timeout', () => asked.destroy())
      .end();
  });
}
