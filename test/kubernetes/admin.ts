import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ClusterAddresses } from './cluster.ts';

/** The cluster that the test run started (or that LAKEWARDEN_TEST_CLUSTER names). */
export function cluster(): ClusterAddresses {
  const named = process.env['LAKEWARDEN_TEST_CLUSTER'];
  if (named === undefined) throw new Error('no cluster: run this test by `make test-kubernetes`');
  return JSON.parse(named) as ClusterAddresses;
}

/** A program that is built from knative/. */
export function knativeProgram(name: 'knative' | 'apiserversource' | 'pingsource'): string {
  const folder = process.env['LAKEWARDEN_TEST_KNATIVE'];
  if (folder === undefined) throw new Error('no programs of Knative: run this test by `make test-kubernetes`');
  return join(folder, name);
}

/** Runs kubectl as the administrator, with a text as its input, and answers what it prints. */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const { program, kubeconfig } = cluster();
  const running = promisify(execFile)(program, ['kubectl', '--kubeconfig', kubeconfig, ...args], {
    maxBuffer: 1 << 26,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** Makes objects as kubectl create does. */
export async function create(...objects: readonly object[]): Promise<void> {
  await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

let agent: Agent | undefined;

/** Sends a request to the API server, as the administrator or the owner of a token, and answers what it says. Throws when it refuses. */
export async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  { contentType = 'application/json', token }: { readonly contentType?: string; readonly token?: string } = {},
): Promise<T> {
  const { server, caFile, adminTokenFile } = cluster();
  agent ??= new Agent({ ca: readFileSync(caFile), keepAlive: true });
  const headers = {
    authorization: `Bearer ${token ?? readFileSync(adminTokenFile, 'utf8')}`,
    'content-type': contentType,
  };
  const send = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const asked = request(`${server}${path}`, { method, headers, agent }, resolve);
      asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  let answer = await send();
  // What was defined a moment ago is not in memory yet.
  for (let tries = 1; answer.statusCode === 429 && tries < 20; tries++) {
    answer.resume();
    await sleep(500);
    answer = await send();
  }
  const said = await text(answer);
  if ((answer.statusCode ?? 500) >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${said}`);
  return JSON.parse(said) as T;
}
