import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isError } from '#shared/errors/error.ts';
import { type CompactedTopic, provideCompactedTopic, readToEnd } from '#shared/kafka/compacted-topic.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { javaPartition } from '#shared/kafka/java-partition.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { Finding } from './finding.ts';
import { changeState, emptyState, type ScopeChange, type ScopeState, type Untold } from './scope-state.ts';
import type { KnownScope, StateStore, Stored } from './store.ts';

/** What the record of a listing says; its findings are records of their own. */
interface Head {
  readonly token: string;
  readonly seen?: number;
  readonly untold: readonly Untold[];
}

interface Known {
  head: Head;
  readonly findings: Map<string, Finding>;
}

/** A partition of the topic as far as it was read. */
interface Log {
  next: bigint;
  readonly states: Map<string, Known>;
}

/** Two that fenced each other off try again after so long at most, in milliseconds. */
const longestPauseMs = 50;

/**
 * Keeps findings in a compacted topic: a record for each finding and one for each listing, all of a listing in one partition. A
 * commit first fences off all others on its listing, then reads to the end of the log, and writes in one transaction only
 * when nobody has written in between.
 */
export class KafkaStore implements StateStore {
  readonly #link: KafkaLink;
  readonly #settings: CompactedTopic;
  readonly #logs = new Map<number, Promise<Log>>();
  #provided: Promise<void> | undefined;

  /** Nothing is connected before it is asked. */
  constructor(link: KafkaLink, settings: CompactedTopic) {
    this.#link = link;
    this.#settings = settings;
  }

  async scopes(signal: AbortSignal): Promise<readonly KnownScope[]> {
    const partitions = Array.from({ length: this.#settings.partitions }, (_, partition) => partition);
    const logs = await Promise.all(partitions.map((partition) => this.#read(partition, signal)));
    return logs.flatMap(({ states }) => [...states.keys()].map(decodeScope));
  }

  async load(known: KnownScope, signal: AbortSignal): Promise<Stored> {
    const { states } = await this.#read(this.#partitionOf(known), signal);
    return storedOf(known, states.get(encodeScope(known)));
  }

  /** @throws kafka.unavailable, with the detail `ambiguous` when nobody knows whether it was written */
  async commit({ state, token }: Stored, change: ScopeChange, signal: AbortSignal): Promise<Stored | undefined> {
    await this.#provide();
    const key = encodeScope(state);
    const id = `lakewarden-scan-${this.#settings.topic}-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
    const writer = new TransactionalWriter(this.#link, id, { signal });
    try {
      await writer.begin();
      const { states } = await this.#read(this.#partitionOf(state), signal);
      // Nothing was sent: there is nothing to abort.
      if ((states.get(key)?.head.token ?? '') !== token) return undefined;
      const after = changeState(state, change);
      const head: Head = {
        token: randomUUID(),
        ...(after.seen === undefined ? {} : { seen: after.seen }),
        untold: after.untold,
      };
      await writer.send(this.#records(state, head, change));
      await writer.commit();
      return { state: after, token: head.token };
    } catch (error) {
      if (!isError(error, 'kafka.fenced')) throw error;
      await sleep(Math.random() * longestPauseMs, undefined, { signal });
      return undefined;
    } finally {
      await writer.close();
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #provide(): Promise<void> {
    this.#provided ??= provideCompactedTopic(this.#settings, new TopicAdmin(this.#link)).catch((error: unknown) => {
      this.#provided = undefined;
      throw error;
    });
    return this.#provided;
  }

  #partitionOf(known: KnownScope): number {
    return javaPartition(Buffer.from(encodeScope(known)), this.#settings.partitions);
  }

  #records(known: KnownScope, head: Head, { findings }: ScopeChange): NewRecord[] {
    const place = { topic: this.#settings.topic, partition: this.#partitionOf(known), headers: [] };
    const timestamp = BigInt(Date.now());
    const { kind, scope } = known;
    const record = (key: readonly string[], value: unknown): NewRecord => ({
      ...place,
      timestamp,
      key: Buffer.from(JSON.stringify(key)),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
    });
    const changed = [...findings].map(([id, finding]) => record([kind, scope, id], finding));
    return [...changed, record([kind, scope], head)];
  }

  /** Reads on to the end; readers of one partition wait for each other, so that each record is taken in once. */
  #read(partition: number, signal: AbortSignal): Promise<Log> {
    const before = this.#logs.get(partition) ?? Promise.resolve({ next: 0n, states: new Map<string, Known>() });
    const after = before
      .catch(() => ({ next: 0n, states: new Map<string, Known>() }))
      .then((log) => this.#readOn(partition, log, signal));
    this.#logs.set(partition, after);
    return after;
  }

  async #readOn(partition: number, known: Log, signal: AbortSignal): Promise<Log> {
    await this.#provide();
    const { topic } = this.#settings;
    const bounds = await logBounds(this.#link, topic, [partition], { signal });
    // A log that ends before our place is another one: the topic was made anew.
    const isSame = (bounds.get(partition)?.end ?? 0n) >= known.next;
    const log = isSame ? known : { next: 0n, states: new Map<string, Known>() };
    log.next = await readToEnd(
      this.#link,
      { topic, partition, from: log.next },
      ({ key, value }) => takeIn(log.states, key, value),
      signal,
    );
    return log;
  }
}

function takeIn(states: Map<string, Known>, key: Uint8Array | null, value: Uint8Array | null): void {
  if (key === null) return;
  const [kind, scope, id] = JSON.parse(Buffer.from(key).toString()) as [string, string, string | undefined];
  const place = encodeScope({ kind, scope });
  const content: unknown = value === null ? null : JSON.parse(Buffer.from(value).toString());
  const known = states.get(place) ?? { head: { token: '', untold: [] }, findings: new Map<string, Finding>() };
  states.set(place, known);
  if (id === undefined) known.head = (content ?? { token: '', untold: [] }) as Head;
  else if (content === null) known.findings.delete(id);
  else known.findings.set(id, content as Finding);
}

function storedOf({ scope, kind }: KnownScope, known: Known | undefined): Stored {
  if (known === undefined) return { state: emptyState(scope, kind), token: '' };
  const { token, seen, untold } = known.head;
  const state: ScopeState = {
    scope,
    kind,
    ...(seen === undefined ? {} : { seen }),
    findings: new Map(known.findings),
    untold,
  };
  return { state, token };
}

function encodeScope({ kind, scope }: KnownScope): string {
  return JSON.stringify([kind, scope]);
}

function decodeScope(text: string): KnownScope {
  const [kind, scope] = JSON.parse(text) as [string, string];
  return { scope, kind };
}
