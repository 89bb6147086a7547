import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionProcess } from '../test/support/function-process.ts';

/** An event as it came over the wire. */
export interface SeenEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
}

type Headers = Readonly<Record<string, string>>;

/** As long as Knative lets a request last. */
const limitMs = 600_000;

/** Answers below 500 after which Knative sends an event again. */
const againStatuses = new Set([404, 408, 409, 429]);

/** A place that events are sent to (K_SINK), and from which they go to who asked for their type: what a Broker of Knative is. */
export class Broker {
  readonly #server: Server;
  readonly #triggers = new Map<string, FunctionProcess>();
  readonly #deliveries = new Set<Promise<void>>();
  #seen: SeenEvent[] = [];
  #fault: Error | undefined;
  #count = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const names = Object.keys(request.headers).filter((name) => name.startsWith('ce-') || name === 'content-type');
        const headers = Object.fromEntries(names.map((name) => [name, String(request.headers[name])]));
        this.#take(headers, Buffer.concat(chunks));
        response.writeHead(202).end();
      });
    });
  }

  /** Events that came since the start. */
  get count(): number {
    return this.#count;
  }

  /** Listens on a free port of this machine; gives the address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on, events of a type go to a function, as a Trigger says. */
  trigger(type: string, to: FunctionProcess): void {
    this.#triggers.set(type, to);
  }

  /** Waits until every event that came is delivered, and what came of that, too. @throws when a function did not take one */
  async settled(): Promise<void> {
    while (this.#deliveries.size > 0) await Promise.all(this.#deliveries);
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** The events since the last call, when all are delivered. */
  async take(): Promise<SeenEvent[]> {
    await this.settled();
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  /** Stops listening. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(headers: Headers, body: Buffer): void {
    const type = headers['ce-type'] ?? '';
    this.#count += 1;
    const data = JSON.parse(body.toString()) as Record<string, unknown>;
    this.#seen.push({ type, subject: headers['ce-subject'] ?? '', data });
    const to = this.#triggers.get(type);
    if (to === undefined) return;
    const delivery = deliver(to, headers, body)
      .catch((error: unknown) => void (this.#fault ??= error as Error))
      .finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }
}

/** Sends an event until it is taken, as a Broker does: whoever is busy is asked again. */
async function deliver(to: FunctionProcess, headers: Headers, body: Buffer): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, body: answer } = await to.send({ headers, body, limitMs });
    if (status < 300) return;
    if (attempt === 5 || (status < 500 && !againStatuses.has(status)))
      throw new Error(`${headers['ce-type']} was answered ${status}: ${answer}`);
    await sleep(100 * 2 ** attempt);
  }
}

/** Rings a function as a source does, and gives the result that it answers. @throws when it answers an error */
export async function ring<Result>(to: FunctionProcess, type: string, data: object): Promise<Result> {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-source': '/demo',
    'ce-type': type,
    'content-type': 'application/json',
    accept: 'application/json',
  };
  const { status, body } = await to.send({ headers, body: JSON.stringify(data), limitMs });
  if (status >= 400) throw new Error(`${type} was answered ${status}: ${body}`);
  return (JSON.parse(body) as { result: Result }).result;
}
