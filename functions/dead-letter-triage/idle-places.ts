import { readGroupPositions } from '#shared/kafka/group-positions.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { listOffsets } from '#shared/kafka/log-bounds.ts';
import type { LogPlace } from './state/state-record.ts';

/** Partitions of a topic in which nothing waits, by one look at all of them: most partitions are idle at most times. */
export class IdlePlaces {
  readonly #link: KafkaLink;
  readonly #group: string;
  readonly #signal: AbortSignal | undefined;
  readonly #partitions: ReadonlyMap<string, readonly number[]>;
  readonly #idle = new Map<string, Promise<ReadonlySet<number>>>();

  constructor(places: readonly LogPlace[], link: KafkaLink, group: string, signal: AbortSignal | undefined) {
    this.#link = link;
    this.#group = group;
    this.#signal = signal;
    const byTopic = Map.groupBy(places, ({ topic }) => topic);
    this.#partitions = new Map([...byTopic].map(([topic, own]) => [topic, own.map(({ partition }) => partition)]));
  }

  /** True when the topic's look found nothing there; what came since is found by the next run. */
  async has({ topic, partition }: LogPlace): Promise<boolean> {
    let idle = this.#idle.get(topic);
    if (idle === undefined) {
      // A partition in trouble must not stand for the others: then each is asked by itself, which tells what it is.
      idle = this.#look(topic).catch(() => new Set<number>());
      this.#idle.set(topic, idle);
    }
    return (await idle).has(partition);
  }

  async #look(topic: string): Promise<ReadonlySet<number>> {
    const partitions = this.#partitions.get(topic) ?? [];
    const signal = this.#signal;
    // The end first: a position that moves on meanwhile is no reason to pass by.
    const ends = await listOffsets(this.#link, topic, partitions, 'stable', { signal });
    const options = { signal, isolation: 'committed' } as const;
    const positions = await readGroupPositions(this.#link, this.#group, topic, partitions, options);
    return new Set(partitions.filter((one) => ends.get(one) === (positions.get(one) ?? 0n)));
  }
}
