import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder, resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { runTool } from '#lake-in-a-box/launch.ts';

/** Makes the jar of a job that is one file of this folder; once on this machine, as long as the file stays the same. */
async function buildJob(source: string): Promise<string> {
  const file = join(import.meta.dirname, source);
  const name = basename(source, '.java');
  const { signal } = new AbortController();
  const groups = [await resolveJars('flink', () => {}, signal), await resolveJars('hdfs', () => {}, signal)];
  const path = groups.flat().join(':');
  const key = createHash('sha256').update(readFileSync(file)).update(path).digest('hex').slice(0, 16);
  const jar = join(cacheFolder(), 'flink', `${name}-${key}.jar`);
  if (existsSync(jar)) return jar;
  const work = `${jar}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    writeFileSync(join(work, 'javac.args'), `-cp ${path}`);
    await runTool(javaTool('javac'), ['@javac.args', '-proc:none', '-d', 'classes', file], work, signal);
    await runTool(javaTool('jar'), ['--create', '--file', 'job.jar', '-C', 'classes', '.'], work, signal);
    renameSync(join(work, 'job.jar'), jar);
    return jar;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Vertex {
  readonly status: string;
}

/** A Flink cluster by its REST interface. */
export class FlinkJobs {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Builds a job of one file of this folder, hands it to the cluster, and waits until all of it runs; gives its id. */
  async start(source: string, args: readonly string[]): Promise<string> {
    const jar = await buildJob(source);
    const form = new FormData();
    form.set('jarfile', new Blob([readFileSync(jar)], { type: 'application/java-archive' }), basename(jar));
    const { filename } = await this.#ask<{ filename: string }>('POST', '/jars/upload', form);
    const run = JSON.stringify({ entryClass: basename(source, '.java'), programArgsList: args });
    const { jobid } = await this.#ask<{ jobid: string }>('POST', `/jars/${basename(filename)}/run`, run);
    for (;;) {
      const { state, vertices } = await this.#ask<{ state: string; vertices: Vertex[] }>('GET', `/jobs/${jobid}`);
      if (vertices.every(({ status }) => status === 'RUNNING')) return jobid;
      if (state !== 'CREATED' && state !== 'RUNNING' && state !== 'INITIALIZING')
        throw new Error(`the Flink job is ${state}: ${await this.reason(jobid)}`);
      await sleep(50);
    }
  }

  /** Why a job failed or started anew, in one line; empty when it did not. */
  async reason(job: string): Promise<string> {
    type Exceptions = { exceptionHistory: { entries: { exceptionName: string; stacktrace: string }[] } };
    const { exceptionHistory } = await this.#ask<Exceptions>('GET', `/jobs/${job}/exceptions`);
    const text = exceptionHistory.entries[0]?.stacktrace ?? '';
    return text.split('\n').findLast((line) => line.startsWith('Caused by: ')) ?? text.split('\n')[0] ?? '';
  }

  /** Checkpoints that a job has completed. @throws when it runs no more */
  async checkpoints(job: string): Promise<number> {
    const { status } = await this.#ask<Vertex>('GET', `/jobs/${job}/status`);
    if (status !== 'RUNNING') throw new Error(`the Flink job is ${status}: ${await this.reason(job)}`);
    return (await this.#ask<{ counts: { completed: number } }>('GET', `/jobs/${job}/checkpoints`)).counts.completed;
  }

  /** Waits for two checkpoints: the second began after this call, and so has all that came before it. */
  async settle(job: string): Promise<void> {
    const before = await this.checkpoints(job);
    while ((await this.checkpoints(job)) < before + 2) await sleep(20);
  }

  async #ask<Answer>(method: string, path: string, body?: string | FormData): Promise<Answer> {
    const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'application/json' } : {};
    const init = { method, headers, signal: AbortSignal.timeout(60_000), ...(body !== undefined && { body }) };
    const response = await fetch(`${this.#address}/v1${path}`, init);
    const text = await response.text();
    if (!response.ok)
      throw new Error(`Flink answered ${response.status} to ${method} ${path}: ${text.slice(0, 2_000)}`);
    return JSON.parse(text) as Answer;
  }
}
