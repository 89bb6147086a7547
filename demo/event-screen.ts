import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An event as it came over the wire. */
export interface SeenEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
}

/** A place that events are sent to (K_SINK); in a cluster this is the Broker. */
export class EventScreen {
  readonly #server: Server;
  /** Events in the order in which they came. */
  readonly seen: SeenEvent[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const header = (name: string): string => String(request.headers[name] ?? '');
        this.seen.push({
          type: header('ce-type'),
          subject: header('ce-subject'),
          data: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
        });
        response.writeHead(202).end();
      });
    });
  }

  /** Listens on a free port of this machine; gives the address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Takes the events that came since the last call. */
  take(): SeenEvent[] {
    return this.seen.splice(0);
  }

  /** Stops listening. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
