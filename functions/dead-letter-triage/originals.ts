import { isError } from '#shared/errors/error.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import type { Origin } from './letter/hop.ts';

/** Fetches the record to which a pointer leads; undefined when it is not there any more, or cannot be found or read. */
export type FetchOriginal = (origin: Origin) => Promise<KafkaRecord | undefined>;

/** Fetches originals from the same cluster. */
export function originalsOf(link: KafkaLink, signal?: AbortSignal): FetchOriginal {
  const reader = new RecordReader(link);
  return async ({ topic, partition, offset, maybeId }) => {
    if (topic === undefined || partition === undefined || offset === undefined || maybeId === true) return undefined;
    try {
      const options = signal === undefined ? {} : { signal };
      for await (const { records } of reader.read(topic, partition, offset, offset + 1n, options))
        for (const record of records) if (record.offset === offset) return record;
      return undefined;
    } catch (error) {
      if (isError(error, 'kafka.not_found', 'kafka.out_of_range', 'kafka.access_denied', 'kafka.invalid'))
        return undefined;
      throw error;
    }
  };
}
