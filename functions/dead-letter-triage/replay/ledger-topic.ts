import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '#shared/errors/error.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { partitionOf, type PlaceTopic, placeRecords } from '../state/place-record.ts';
import type { LogPlace } from '../state/state-record.ts';
import { decodeEntry, encodeEntry, type LedgerEntry } from './ledger-record.ts';
import type { LedgerView } from './ledger-view.ts';

/** How the ledger is made when it is missing. */
export interface LedgerOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas?: number | undefined;
}

/** A replay that is known for so long, in milliseconds, is not repeated by accident. */
const keptMs = 90 * 86_400_000;
/** Another's transaction that is under way is over after this time, in milliseconds, or is given up. */
const patienceMs = 90_000;
const pauseMs = 20;

/** The compacted topic that knows of each letter that was replayed. All of one dead letter partition lies in one partition. */
export class LedgerTopic {
  readonly name: string;
  readonly #link: KafkaLink;
  readonly #options: LedgerOptions;

  constructor(link: KafkaLink, options: LedgerOptions) {
    this.#link = link;
    this.#options = options;
    this.name = options.topic;
  }

  /** Makes the topic unless it is there. @throws config.invalid when it is there and forgets, or has other partitions */
  async prepare(): Promise<void> {
    const { topic, partitions, replicas } = this.#options;
    const admin = new TopicAdmin(this.#link);
    const settings = { 'cleanup.policy': 'compact,delete', 'retention.ms': String(keptMs) };
    await admin.create(topic, { partitions, settings, ...(replicas === undefined ? {} : { replicas }) });
    const about = await admin.describe(topic);
    const fail = (reason: string): never => {
      throw new LakewardenError('config.invalid', `topic ${topic} is no ledger of replays: it ${reason}`);
    };
    if (about?.partitions !== partitions) fail(`has ${about?.partitions} partitions, not ${partitions}`);
    if (!(await admin.limits(topic)).compacts) fail('is not compacted');
  }

  /** Reads what is committed into a new view; nothing when there is no topic yet. */
  async read(view: LedgerView, signal?: AbortSignal): Promise<LedgerView> {
    if ((await new TopicAdmin(this.#link).describe(this.name)) === undefined) return view;
    for (let partition = 0; partition < this.#options.partitions; partition += 1)
      await this.#read(partition, false, view, signal);
    return view;
  }

  /**
   * Reads on: of a place all that was written before its older writers were fenced off, of others what is committed.
   * @throws kafka.not_found when there is no topic: what is not seen there would be replayed twice
   */
  async readAll(view: LedgerView, place: LogPlace, signal?: AbortSignal): Promise<void> {
    const own = partitionOf(place, this.#topic);
    for (let partition = 0; partition < this.#options.partitions; partition += 1)
      await this.#read(partition, partition === own, view, signal);
  }

  /** The records that tell the ledger something about letters of a partition, to be sent in a transaction. */
  records(place: LogPlace, entries: readonly LedgerEntry[], now: number): NewRecord[] {
    return placeRecords(place, entries.map(encodeEntry), this.#topic, now);
  }

  get #topic(): PlaceTopic {
    return { name: this.name, partitions: this.#options.partitions };
  }

  async #read(partition: number, isAll: boolean, view: LedgerView, signal: AbortSignal | undefined): Promise<void> {
    const bounds = await logBounds(this.#link, this.name, [partition], { signal });
    const { earliest = 0n, end = 0n } = bounds.get(partition) ?? {};
    const options = signal === undefined ? {} : { signal };
    const until = performance.now() + patienceMs;
    const known = view.positions.get(partition) ?? 0n;
    for (let next = known > earliest ? known : earliest; next < end;) {
      for await (const piece of new RecordReader(this.#link).read(this.name, partition, next, end, options)) {
        for (const { key, value } of piece.records) {
          const entry = decodeEntry(key, value);
          if (entry !== undefined) view.add(entry);
        }
        next = piece.next;
        view.positions.set(partition, next);
      }
      if (next >= end || !isAll) return;
      if (performance.now() > until)
        throw new LakewardenError('busy', `Kafka: a transaction in ${this.name}-${partition} does not end`);
      await sleep(pauseMs, undefined, options);
    }
  }
}
