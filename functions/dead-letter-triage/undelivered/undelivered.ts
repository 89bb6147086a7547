import { setTimeout as sleep } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { javaPartition } from '#shared/kafka/java-partition.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import type { TopicDescription } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { Clients } from '../clients.ts';
import type { Settings } from '../config.ts';
import { encodeEventRecord, nameDelivery, readDelivery } from './event-record.ts';
import type { LogPlace } from '../state/state-record.ts';

/** Ten tries of ten minutes each, and the pauses between them, are over after this time, in milliseconds. */
const repeatedMs = 3 * 3_600_000;
/** Deliveries that are remembered, in all partitions together. */
const maxRemembered = 200_000;
/** Another's transaction that is under way is over after this time, in milliseconds, or is given up. */
const patienceMs = 60_000;
const pauseMs = 20;

/** The deliveries in one partition's log, up to an offset. */
interface Remembered {
  readonly topicId: string;
  readonly atOnce: LimitFunction;
  readonly deliveries: Set<string>;
  next: bigint | undefined;
}

/**
 * Our own topic for dead letters that a Broker's dead letter sink delivers. What is in its log is read once and remembered, so
 * that a delivery that is repeated is known, whoever wrote it, for three hours and among the last 200,000 letters.
 */
export class UndeliveredLetters {
  readonly #settings: Settings;
  readonly #clients: Pick<Clients, 'link' | 'admin'>;
  readonly #remembered = new Map<number, Remembered>();

  constructor(settings: Settings, clients: Pick<Clients, 'link' | 'admin'>) {
    this.#settings = settings;
    this.#clients = clients;
  }

  /**
   * Writes an event that nobody took, unless it is there, and answers where it is; the topic is made when it is missing.
   * @throws kafka.invalid when it is too long, kafka.fenced when another instance takes one at the same time
   */
  async keep(event: CloudEventIn, now: number, signal?: AbortSignal): Promise<LogPlace> {
    const { topic } = this.#settings.knativeLetters as NonNullable<Settings['knativeLetters']>;
    const about = await this.#describe(topic);
    // All deliveries of one event go to one partition, by one writer after the other.
    const partition = javaPartition(Buffer.from(`${event.source}\0${event.id}`), about.partitions);
    let remembered = this.#remembered.get(partition);
    if (remembered?.topicId !== about.id) {
      remembered = { topicId: about.id, atOnce: pLimit(1), deliveries: new Set(), next: undefined };
      this.#remembered.set(partition, remembered);
    }
    const log = remembered;
    const place = { topic, partition };
    await log.atOnce(() => this.#write(event, place, log, Math.ceil(maxRemembered / about.partitions), now, signal));
    return place;
  }

  async #describe(topic: string): Promise<TopicDescription> {
    const { admin } = this.#clients;
    const { partitions = 1, replicas } = this.#settings.knativeLetters ?? {};
    const found = await admin.describe(topic);
    if (found !== undefined) return found;
    await admin.create(topic, replicas === undefined ? { partitions } : { partitions, replicas });
    const made = await admin.describe(topic);
    if (made === undefined) throw new LakewardenError('kafka.unavailable', `Kafka: topic ${topic} is gone again`);
    return made;
  }

  async #write(
    event: CloudEventIn,
    place: LogPlace,
    log: Remembered,
    most: number,
    now: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { topic, partition } = place;
    const id = `${this.#settings.group}-undelivered-${topic}-${partition}`;
    const writer = new TransactionalWriter(this.#clients.link, id, { signal });
    try {
      // After this nobody else writes here, so what is in the log is all there is.
      await writer.begin();
      await this.#readOn(place, log, most, now, signal);
      if (log.deliveries.has(nameDelivery(event))) return;
      await writer.send([{ ...place, timestamp: BigInt(now), ...encodeEventRecord(event) }]);
      await writer.commit();
      await writer.settle();
    } finally {
      await writer.close();
    }
  }

  /** Remembers what was written since the last time, by us or by others. */
  async #readOn(place: LogPlace, log: Remembered, most: number, now: number, signal: AbortSignal | undefined) {
    const { topic, partition } = place;
    const { link, admin } = this.#clients;
    const bounds = await logBounds(link, topic, [partition], { signal });
    const { earliest = 0n, end = 0n } = bounds.get(partition) ?? {};
    log.next ??=
      (await admin.offsetsAt(topic, [partition], BigInt(now - repeatedMs), { signal })).get(partition) ?? end;
    const oldest = end - BigInt(most) > earliest ? end - BigInt(most) : earliest;
    if (log.next < oldest) log.next = oldest;
    const options = signal === undefined ? {} : { signal };
    const until = performance.now() + patienceMs;
    while (log.next < end) {
      for await (const { records, next } of new RecordReader(link).read(topic, partition, log.next, end, options)) {
        for (const record of records) log.deliveries.add(readDelivery(record));
        log.next = next;
      }
      if (log.next >= end) break;
      if (performance.now() > until)
        throw new LakewardenError('busy', `Kafka: a transaction in ${topic}-${partition} does not end`);
      await sleep(pauseMs, undefined, options);
    }
    for (const delivery of log.deliveries) {
      if (log.deliveries.size <= most) break;
      log.deliveries.delete(delivery);
    }
  }
}
