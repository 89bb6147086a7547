import { setTimeout as sleep } from 'node:timers/promises';

/** Settings of a connector. */
export type ConnectorConfig = Readonly<Record<string, string | number | boolean>>;

interface Task {
  readonly state: string;
  readonly trace?: string;
}

/** The worker of Kafka Connect by its REST interface. */
export class ConnectWorker {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Starts a connector of one task and waits until it runs. */
  async start(name: string, config: ConnectorConfig): Promise<void> {
    await this.#ask('POST', '/connectors', { name, config });
    await this.#await(name, (tasks) => tasks[0]?.state === 'RUNNING');
  }

  /** Gives a connector other settings; it goes on where it was. */
  async change(name: string, config: ConnectorConfig): Promise<void> {
    await this.#ask('PUT', `/connectors/${name}/stop`);
    await this.#await(name, (tasks) => tasks.length === 0);
    await this.#ask('PUT', `/connectors/${name}/config`, config);
    await this.#ask('PUT', `/connectors/${name}/resume`);
    await this.#await(name, (tasks) => tasks[0]?.state === 'RUNNING');
  }

  async #await(name: string, isReady: (tasks: readonly Task[]) => boolean): Promise<void> {
    const until = performance.now() + 60_000;
    while (performance.now() < until) {
      const status = (await this.#ask('GET', `/connectors/${name}/status`)) as { tasks: readonly Task[] } | undefined;
      if (status !== undefined && isReady(status.tasks)) return;
      const failed = status?.tasks.find(({ state }) => state === 'FAILED');
      if (failed !== undefined) throw new Error(`connector ${name}: ${failed.trace}`);
      await sleep(50);
    }
    throw new Error(`connector ${name} does not run`);
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { 'Content-Type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${this.#address}${path}`, init);
    const text = await response.text();
    // The status of a connector is not there at once.
    if (response.status === 404 && method === 'GET') return undefined;
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
