import { isError } from '#shared/errors/error.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import type { Origin } from './hop.ts';
import type { WhyMissing } from './letter.ts';

/** The record to which a pointer leads, or why it is not there; with its origin, of which the topic has its name. */
export type Original = { readonly origin: Origin } & (
  | { readonly record: KafkaRecord; readonly missing?: never }
  | { readonly record?: never; readonly missing: WhyMissing }
);

/** Fetches the record to which a pointer leads. @throws kafka.unavailable and other passing trouble */
export type FetchOriginal = (origin: Origin) => Promise<Original>;

/** The topic of each id is asked for once in so long: letters may name any id. */
const believedMs = 60_000;

/** Fetches originals from the same cluster. */
export function originalsOf(link: KafkaLink, signal?: AbortSignal): FetchOriginal {
  const reader = new RecordReader(link);
  const names = new TopicNames(new TopicAdmin(link), signal);
  return async (told) => {
    const { maybeId, ...known } = told;
    const named = maybeId === true ? await names.of(told.topic ?? '') : told.topic;
    if (maybeId === true && named === undefined) return { origin: told, missing: 'topic' };
    const origin = named === undefined ? told : { ...known, topic: named };
    const { topic, partition, offset } = origin;
    if (topic === undefined || partition === undefined || offset === undefined) return { origin, missing: 'untold' };
    try {
      const options = signal === undefined ? {} : { signal };
      for await (const { records, gap } of reader.read(topic, partition, offset, offset + 1n, options)) {
        const record = records.find((one) => one.offset === offset);
        if (record !== undefined) return { origin, record };
        return { origin, missing: gap === undefined ? 'removed' : 'expired' };
      }
      return { origin, missing: 'ahead' };
    } catch (error) {
      const missing = whyOf(error);
      if (missing === undefined) throw error;
      return { origin, missing };
    }
  };
}

function whyOf(error: unknown): WhyMissing | undefined {
  if (isError(error, 'kafka.not_found', 'kafka.invalid')) return 'topic';
  if (isError(error, 'kafka.out_of_range')) return 'ahead';
  if (isError(error, 'kafka.damaged')) return 'damaged';
  return isError(error, 'kafka.access_denied') ? 'forbidden' : undefined;
}

/** Names of topics by their names, and by their ids as brokers write them: 16 bytes in Base64 for URLs. */
class TopicNames {
  readonly #admin: TopicAdmin;
  readonly #signal: AbortSignal | undefined;
  #names: Promise<ReadonlyMap<string, string>> | undefined;
  #until = 0;

  constructor(admin: TopicAdmin, signal?: AbortSignal) {
    this.#admin = admin;
    this.#signal = signal;
  }

  /** Undefined when no topic has this id or name, any more. */
  async of(told: string): Promise<string | undefined> {
    const now = performance.now();
    if (this.#names === undefined || now >= this.#until) {
      this.#until = now + believedMs;
      this.#names = this.#read();
    }
    try {
      return (await this.#names).get(told);
    } catch (error) {
      this.#names = undefined;
      throw error;
    }
  }

  async #read(): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    const topics = await this.#admin.describeAll({ signal: this.#signal });
    for (const [name, { id }] of topics)
      names.set(Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url'), name);
    for (const name of topics.keys()) names.set(name, name);
    return names;
  }
}
