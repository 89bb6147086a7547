import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');
const runtime = join(root, 'node_modules/faas-js-runtime/bin/cli.js');

/** An answer with its body as text. */
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request; `headers` are names and values in turn, or an object. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly string[] | Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds to wait for the answer; a minute unless said. */
  readonly limitMs?: number;
}

/** A function that runs in a process of its own. */
export interface FunctionProcess {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first good health check. */
  readonly startedIn: number;
  send(sent: Sent): Promise<Received>;
  signal(name: NodeJS.Signals): void;
  /** The exit code; resolves when the process has ended. */
  readonly exited: Promise<number | null>;
  /** Standard output and error so far. */
  output(): string;
  /** The lines of our JSON log so far. */
  log(): Record<string, unknown>[];
  /** Waits until the log has `count` lines with all these values, and returns them. */
  logged(values: Record<string, unknown>, count?: number): Promise<Record<string, unknown>[]>;
  /** Kills the process when it still runs. */
  end(): Promise<void>;
}

/** How a function is started: `command` by default is the real faas-js-runtime with `entry`. */
export interface StartOptions {
  readonly entry: string;
  readonly cwd?: string;
  readonly command?: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether to wait until it is ready; true by default. */
  readonly ready?: boolean;
}

/** Starts a function and waits until it is ready for requests. */
export async function startFunction(options: StartOptions): Promise<FunctionProcess> {
  const port = await findFreePort();
  const [program, ...args] = options.command ?? [process.execPath, runtime, options.entry];
  const started = performance.now();
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  const child = spawn(program, args, {
    cwd: options.cwd ?? dirname(options.entry),
    env: { PATH, NODE_COMPILE_CACHE, FUNC_PORT: String(port), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: npm's children end with it.
    detached: true,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const log = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{"level":"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const until = async (what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> => {
    const end = Date.now() + 30_000;
    while (!(await isTrue())) {
      if (Date.now() > end || child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${what} did not happen:\n${text}`);
      await sleep(15);
    }
  };
  const isReady = (): Promise<boolean> =>
    send(port, { method: 'GET', path: '/health/readiness' }).then(
      ({ status }) => status === 200,
      () => false,
    );
  if (options.ready !== false) await until('readiness', isReady);
  return {
    port,
    pid: child.pid ?? 0,
    startedIn: performance.now() - started,
    send: (sent) => send(port, sent),
    signal: (name) => void child.kill(name),
    exited,
    output: () => text,
    log,
    async logged(values, count = 1) {
      const isWanted = (line: Record<string, unknown>): boolean =>
        Object.entries(values).every(([key, value]) => line[key] === value);
      const find = (): Record<string, unknown>[] => log().filter(isWanted);
      await until(`the log line ${JSON.stringify(values)}`, () => find().length >= count);
      return find();
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
      await exited;
    },
  };
}

/** Headers of a small valid event in binary mode. */
export function eventHeaders(type = 'test.echo', more: Record<string, string> = {}): Record<string, string> {
  return { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/test', 'ce-type': type, ...more };
}

function send(
  port: number,
  { method = 'POST', path = '/', headers = {}, body, limitMs = 60_000 }: Sent,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    outgoing.setTimeout(limitMs, () => outgoing.destroy(new Error(`no answer within ${limitMs / 1_000} s`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A port of this machine that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
