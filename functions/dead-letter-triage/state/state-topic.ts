import { readToEnd } from '#shared/kafka/compacted-topic.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { partitionOf, type PlaceTopic, placeRecords } from './place-record.ts';
import { encodeChange, type LogPlace, type PartitionState, type StateChange, StateReplay } from './state-record.ts';

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
    if (this.#partitions > 0) await this.#replay(partitionOf(place, this.#topic), replay, signal);
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
    return placeRecords(place, encodeChange(place, change), this.#topic, now);
  }

  get #topic(): PlaceTopic {
    return { name: this.name, partitions: this.#partitions };
  }

  async #replay(partition: number, replay: StateReplay<unknown>, signal: AbortSignal | undefined): Promise<void> {
    await readToEnd(this.#link, { topic: this.name, partition }, (record) => replay.add(record), signal);
  }
}
