import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '#shared/errors/error.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { javaPartition } from '#shared/kafka/java-partition.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { encodeChange, type LogPlace, type PartitionState, type StateChange, StateReplay } from './state-record.ts';

/** Another's transaction that is under way in the same log is over after this time, in milliseconds, or is given up. */
const patienceMs = 60_000;
const pauseMs = 20;

/** The compacted topic in which the state of triage lies. All of one dead letter partition lies in one partition of it. */
export class StateTopic {
  readonly name: string;
  readonly #link: KafkaLink;
  readonly #partitions: number;

  /** Without partitions it is a topic that was not made yet, and knows nothing. */
  constructor(link: KafkaLink, name: string, partitions: number) {
    this.#link = link;
    this.name = name;
    this.#partitions = partitions;
  }

  /**
   * The state of a partition. True to its writer only after that one fenced its predecessors.
   * @throws busy when a transaction of others does not end
   */
  async load<Group>(place: LogPlace, signal?: AbortSignal): Promise<PartitionState<Group>> {
    const isWanted = ({ topic, partition }: LogPlace): boolean =>
      topic === place.topic && partition === place.partition;
    const replay = new StateReplay<Group>(isWanted);
    if (this.#partitions > 0) await this.#replay(this.#partitionOf(place), replay, signal);
    return replay.state(place);
  }

  /** The states of all partitions. */
  async loadAll<Group>(signal?: AbortSignal): Promise<StateReplay<Group>> {
    const replay = new StateReplay<Group>();
    for (let partition = 0; partition < this.#partitions; partition += 1) await this.#replay(partition, replay, signal);
    return replay;
  }

  /** The records that make a change, to be sent in a transaction. */
  records<Group>(place: LogPlace, change: StateChange<Group>, now: number): NewRecord[] {
    const partition = this.#partitionOf(place);
    return encodeChange(place, change).map((record) => ({
      ...record,
      topic: this.name,
      partition,
      timestamp: BigInt(now),
      headers: [],
    }));
  }

  #partitionOf({ topic, partition }: LogPlace): number {
    return javaPartition(Buffer.from(`${topic}-${partition}`), this.#partitions);
  }

  /** Reads to the end of the log, not only to what is decided: ours may lie behind a transaction that is just ending. */
  async #replay<Group>(partition: number, replay: StateReplay<Group>, signal: AbortSignal | undefined): Promise<void> {
    const bounds = await logBounds(this.#link, this.name, [partition], { signal });
    const { earliest = 0n, end = 0n } = bounds.get(partition) ?? {};
    const reader = new RecordReader(this.#link);
    const until = performance.now() + patienceMs;
    for (let next = earliest; next < end;) {
      const options = signal === undefined ? {} : { signal };
      for await (const piece of reader.read(this.name, partition, next, end, options)) {
        for (const record of piece.records) replay.add(record);
        next = piece.next;
      }
      if (next >= end) return;
      if (performance.now() > until)
        throw new LakewardenError('busy', `Kafka: a transaction in ${this.name}-${partition} does not end`);
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}
