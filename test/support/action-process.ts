import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const proxy = join(import.meta.dirname, 'action-proxy.cjs');

/** An action in a process of its own, behind an emulation of OpenWhisk's action proxy. */
export interface ActionProcess {
  /** Posts to the proxy, and answers the status and the body. */
  post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Initialises the action with the code of a file. */
  init(
    file: string,
    env?: Readonly<Record<string, unknown>>,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Invokes it; `time` is how many milliseconds OpenWhisk gives it. */
  run(value: unknown, time?: number): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Standard output and error so far. */
  output(): string;
  end(): Promise<void>;
}

/** Starts the emulation with a Node: this process's own, or another one's path. */
export async function startAction(node = process.execPath): Promise<ActionProcess> {
  const child = spawn(node, [proxy], {
    env: { PATH: process.env['PATH'], __OW_API_HOST: 'http://127.0.0.1:1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => (output += `${line}\n`));
  const [port] = (await once(lines, 'line', { signal: AbortSignal.timeout(30_000) })) as [string];
  let count = 0;
  const post: ActionProcess['post'] = async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return {
    post,
    init: (file, env = {}) =>
      post('/init', { value: { name: 'action', main: 'main', code: readFileSync(file, 'utf8'), binary: false, env } }),
    run: (value, time = 60_000) => {
      count += 1;
      return post('/run', {
        value,
        activation_id: `activation-${count}`,
        action_name: '/guest/lakewarden/action',
        namespace: 'guest',
        deadline: String(Date.now() + time),
        api_key: 'never-shown',
        transaction_id: `transaction-${count}`,
      });
    },
    output: () => output,
    async end() {
      child.kill();
      await exited;
    },
  };
}
