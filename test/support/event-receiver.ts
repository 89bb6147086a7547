import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { HTTP, type CloudEvent } from 'cloudevents';

const folder = join(import.meta.dirname, '../../events');

/** An event as it came over the wire, read by the CloudEvents SDK. */
export interface ReceivedEvent {
  readonly event: CloudEvent<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A place that events are sent to, as a Broker is: it takes each event that is valid and suits its schema in events/. */
export class EventReceiver {
  readonly #schemas = readSchemas();
  readonly #received: ReceivedEvent[] = [];
  readonly #server: Server;
  /** Decides over each request; by default it is accepted at once. A status of 0 drops the connection. */
  judge: (type: string, source?: string) => Promise<number> | number = () => 202;
  /** What was wrong with events; empty as long as all were right. */
  readonly faults: string[] = [];

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Listens on a free port of this machine; gives the address. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Takes the events that came since the last call. */
  take(): ReceivedEvent[] {
    return this.#received.splice(0);
  }

  /** The events that came since the last `take`. */
  peek(): readonly ReceivedEvent[] {
    return this.#received;
  }

  /** Waits for an event of a type that has come since the last `take`. */
  async waitFor(type: string): Promise<ReceivedEvent> {
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(10)) {
      const found = this.#received.find(({ event }) => event.type === type);
      if (found !== undefined) return found;
    }
    throw new Error(`no event ${type} came; ${this.#received.map(({ event }) => event.type).join(', ')} did`);
  }

  /** Stops listening. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const status = await this.judge(String(request.headers['ce-type']), String(request.headers['ce-source']));
    if (status < 200) return void request.socket.destroy();
    if (status < 300) this.#take(request.headers, body);
    response.writeHead(status).end();
  }

  #take(headers: IncomingHttpHeaders, body: string): void {
    try {
      const event = HTTP.toEvent({ headers, body }) as CloudEvent<Record<string, unknown>>;
      event.validate();
      const validate = this.#schemas.get(event.dataschema ?? '');
      if (!event.dataschema?.endsWith(`/${event.type}.schema.json`) || validate === undefined)
        this.faults.push(`${event.type} has the schema ${event.dataschema}`);
      else if (!validate(event.data)) this.faults.push(`${event.type}: ${JSON.stringify(validate.errors)}`);
      this.#received.push({ event, headers, body });
    } catch (error) {
      this.faults.push(`${String(headers['ce-type'])}: ${String(error)}`);
    }
  }
}

/** The schemas in events/ by their own address. */
export function readSchemas(): Map<string, ValidateFunction> {
  const ajv = addFormats.default(new Ajv2020.default({ allErrors: true, strict: true, allowUnionTypes: true }));
  const files = readdirSync(folder).filter((name) => name.endsWith('.schema.json'));
  return new Map(
    files.map((name) => {
      const schema = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { $id: string };
      return [schema.$id, ajv.compile(schema)];
    }),
  );
}
