import { setTimeout as sleep } from 'node:timers/promises';

/** Settings of a connector. */
export type ConnectorConfig = Readonly<Record<string, string | number | boolean>>;

/** The worker of Kafka Connect by its REST interface. */
export class ConnectWorker {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  /** Starts a connector of one task and waits until it runs. */
  async start(name: string, config: ConnectorConfig): Promise<void> {
    await this.#ask('POST', '/connectors', { name, config });
    const until = performance.now() + 60_000;
    while (performance.now() < until) {
      const status = (await this.#ask('GET', `/connectors/${name}/status`)) as Status | undefined;
      const [task] = status?.tasks ?? [];
      if (task?.state === 'RUNNING') return;
      if (task?.state === 'FAILED') throw new Error(`connector ${name}: ${task.trace}`);
      await sleep(50);
    }
    throw new Error(`connector ${name} does not run`);
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { 'Content-Type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`${this.#address}${path}`, init);
    // The status of a connector is not there at once.
    if (response.status === 404 && method === 'GET') return undefined;
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return await response.json();
  }
}

interface Status {
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[];
}
