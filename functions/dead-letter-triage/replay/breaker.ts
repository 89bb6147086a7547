import { listOffsets } from '#shared/kafka/log-bounds.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { asBuffer } from '../letter/bytes.ts';
import { readLetter } from '../letter/read-letter.ts';
import { replayHeaders } from '../letter/replay-headers.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { hashContent } from './content-hash.ts';
import type { OwnReplays } from './ledger-view.ts';
import { originPlace } from './letter-facts.ts';
import type { ReplayTools } from './replay-tools.ts';
import type { FixedReplay } from './survey.ts';

/** How many replayed letters came back. */
export interface Returns {
  readonly replayed: number;
  readonly returned: number;
}

/**
 * Looks for replayed letters among those that came after the plan was made: by our header; where consumers drop headers, by the
 * place that they were written to; where producers tell no place, by what they hold.
 */
export class Breaker {
  readonly #plan: FixedReplay;
  readonly #tools: ReplayTools;
  readonly #own: OwnReplays;
  readonly #next = new Map<number, bigint>();
  #returned = 0;
  #lookedAt = -Infinity;

  constructor(plan: FixedReplay, own: OwnReplays, tools: ReplayTools) {
    this.#plan = plan;
    this.#tools = tools;
    this.#own = own;
    for (const { partition, last } of plan.ranges) this.#next.set(partition, last + 1n);
  }

  /** Letters that were replayed. */
  get replayed(): number {
    return this.#own.count;
  }

  /** What is known without another look. */
  get counts(): Returns {
    return { replayed: this.replayed, returned: this.#returned };
  }

  /** Looks when it is time, and says why the plan must stop; undefined when it may go on. */
  async findReason(isForced = false): Promise<string | undefined> {
    const { share, least, seconds } = this.#plan.replay.breaker;
    if (this.replayed < least) return undefined;
    if (!isForced && this.#tools.now() - this.#lookedAt < seconds * 1_000) return undefined;
    const { replayed, returned } = await this.look();
    this.#lookedAt = this.#tools.now();
    if (returned <= share * replayed) return undefined;
    return `${returned} of ${replayed} replayed letters came back, more than ${share * 100} %`;
  }

  /** Reads on in the dead letter topic. */
  async look(): Promise<Returns> {
    const { link, signal } = this.#tools;
    const { topic } = this.#plan.replay.filter;
    const options = signal === undefined ? {} : { signal };
    for (const [partition, from] of await this.#ends()) {
      for await (const { records, next } of new RecordReader(link).read(topic, partition, from, undefined, options)) {
        for (const record of records) if (this.#isReturned(record)) this.#returned += 1;
        this.#next.set(partition, next);
      }
    }
    return { replayed: this.replayed, returned: this.#returned };
  }

  /** Letters may come back to any partition; of those that the plan leaves out, what is there already is older. */
  async #ends(): Promise<Map<number, bigint>> {
    const { link, signal } = this.#tools;
    const { topic } = this.#plan.replay.filter;
    const count = (await new TopicAdmin(link).describe(topic, { signal }))?.partitions ?? 0;
    const unknown = Array.from({ length: count }, (_, partition) => partition).filter((one) => !this.#next.has(one));
    if (unknown.length > 0) {
      const found = await listOffsets(link, topic, unknown, BigInt(this.#plan.at), { signal });
      const stable = await listOffsets(link, topic, unknown, 'stable', { signal });
      for (const partition of unknown) this.#next.set(partition, found.get(partition) ?? stable.get(partition) ?? 0n);
    }
    return this.#next;
  }

  #isReturned(record: Parameters<typeof readLetter>[0]): boolean {
    const isOurs = record.headers.some(
      ([name, value]) =>
        value !== null && String(asBuffer(name)) === replayHeaders.id && String(asBuffer(value)) === this.#plan.id,
    );
    if (isOurs) return true;
    const origin = originPlace(readLetter(record, this.#tools.sources));
    if (origin !== undefined) return this.#own.hasWritten(origin);
    return [...this.#own.topics].some((topic) => this.#own.hasContent(hashContent(topic, record.key, record.value)));
  }
}
