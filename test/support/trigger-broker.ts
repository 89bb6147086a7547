import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { HTTP, type CloudEvent } from 'cloudevents';
import { readSchemas } from './event-receiver.ts';
import type { With } from './manifests.ts';
import { passes, type TriggerSpec } from './trigger-filter.ts';

/** An event that was published, as it goes to subscribers. */
export interface Published {
  /** Attributes and extensions. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How one event fared with one Trigger. */
export interface Delivery {
  readonly trigger: string;
  readonly event: Published;
  /** What the subscriber answered, in turn; 0 for no answer. */
  readonly statuses: readonly number[];
  /** Where it went when the subscriber did not take it: a dead letter sink, or nowhere. */
  readonly deadLetterSink?: string | undefined;
}

/** More events than any test has: then there is a loop, and nothing more is taken. */
const most = 500;

/**
 * A Broker as Knative's are: it gives each event to the Triggers whose filters let it through, repeats as their delivery says
 * (knative.dev/eventing, pkg/kncloudevents/retries.go), and hands what was not taken to their dead letter sinks. Only its pauses
 * are shorter.
 */
export class TriggerBroker {
  readonly #triggers: readonly With<TriggerSpec>[];
  readonly #schemas = readSchemas();
  readonly #underWay = new Set<Promise<void>>();
  readonly #server: Server = createServer((request, response) => void this.#take(request, response));
  /** Addresses by the names of Services; what a Trigger sends to any other is not delivered. */
  readonly subscribers = new Map<string, string>();
  /** All events that came, in turn. */
  readonly events: Published[] = [];
  /** All deliveries that are over. */
  readonly deliveries: Delivery[] = [];
  /** What was wrong with events or answers; empty as long as all is right. */
  readonly faults: string[] = [];

  constructor(triggers: readonly With<TriggerSpec>[]) {
    this.#triggers = triggers;
  }

  /** Listens on a free port of this machine; gives the address. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves once every event, and every event that came of it, has been delivered. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** The types of the events that came, in turn. */
  types(): unknown[] {
    return this.events.map(({ attributes }) => attributes['type']);
  }

  /** Waits for an event that is as wanted. */
  async waitFor(isWanted: (event: Published) => boolean, seconds = 60): Promise<Published> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(20)) {
      const found = this.events.find(isWanted);
      if (found !== undefined) return found;
    }
    throw new Error(`it did not come; ${JSON.stringify(this.types())} did; ${this.faults.join('; ')}`);
  }

  /** Stops listening. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    try {
      if (this.events.length >= most) throw new Error(`more than ${most} events: there is a loop`);
      const event = HTTP.toEvent({ headers: request.headers, body: body.toString() }) as CloudEvent;
      this.#check(event);
      const sent = Object.entries(request.headers).filter(
        ([name]) => name.startsWith('ce-') || name === 'content-type',
      );
      const published = {
        attributes: event.toJSON(),
        headers: Object.fromEntries(sent) as Record<string, string>,
        body,
      };
      this.events.push(published);
      for (const trigger of this.#triggers)
        if (passes(trigger.spec.filters, published.attributes)) this.#begin(this.#deliver(trigger, published));
      response.writeHead(202).end();
    } catch (error) {
      this.faults.push(`${String(request.headers['ce-type'])}: ${String(error)}`);
      response.writeHead(400).end();
    }
  }

  #check(event: CloudEvent): void {
    event.validate();
    if (!event.type.startsWith('dev.lakewarden.') || event.dataschema === undefined) return;
    const validate = this.#schemas.get(event.dataschema);
    if (validate?.(event.data) !== true) throw new Error(`not as its schema says: ${JSON.stringify(validate?.errors)}`);
  }

  #begin(delivery: Promise<void>): void {
    const settled = delivery
      .catch((error: unknown) => void this.faults.push(String(error)))
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  async #deliver({ metadata, spec }: With<TriggerSpec>, event: Published): Promise<void> {
    const statuses: number[] = [];
    for (let tries = 0; tries <= spec.delivery.retry; tries++) {
      if (tries > 0) await sleep(10 * 2 ** tries);
      const status = await this.#post(spec.subscriber.ref.name, event);
      statuses.push(status);
      if (status >= 200 && status < 300) return void this.deliveries.push({ trigger: metadata.name, event, statuses });
      if (status > 0 && status < 500 && ![404, 408, 409, 429].includes(status)) break;
    }
    const deadLetterSink = spec.delivery.deadLetterSink?.ref.name;
    this.deliveries.push({ trigger: metadata.name, event, statuses, deadLetterSink });
    if (!this.subscribers.has(deadLetterSink)) return;
    const why = { 'ce-knativeerrordest': spec.subscriber.ref.name, 'ce-knativeerrorcode': String(statuses.at(-1)) };
    const status = await this.#post(deadLetterSink, { ...event, headers: { ...event.headers, ...why } });
    if (status >= 300 || status === 0) this.faults.push(`${deadLetterSink} answered ${status} to a dead letter`);
  }

  async #post(name: string, { headers, body }: Published): Promise<number> {
    const url = this.subscribers.get(name);
    if (url === undefined) return 0;
    const sent = { method: 'POST', headers: { ...headers, prefer: 'reply' }, body: new Uint8Array(body) };
    const answer = await fetch(url, sent).catch(() => undefined);
    if (answer === undefined) return 0;
    const { byteLength } = await answer.arrayBuffer();
    // A Broker takes an answer that is an event for one more event, and any other body for a delivery that failed.
    if (answer.headers.has('ce-type') || (answer.ok && byteLength > 0))
      this.faults.push(`${name} answered with a body`);
    return answer.status;
  }
}
