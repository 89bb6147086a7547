import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { batchCodec, createRecordsBatch } from '#shared/kafka/kafka-client.ts';
import { cutSends, type NewRecord } from '#shared/kafka/cut-sends.ts';
import { messageOf } from '#shared/kafka/message.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { readBatches } from '#shared/kafka/record-batch.ts';
import { recordsOf, visibleSpans } from '#shared/kafka/visible-record.ts';

const place = { topic: 't', partition: 0 };
const some = fc.uint8Array({ maxLength: 300 });
const bytes = fc.option(some);
/** Names that are given more than once, also as the same object. */
const name = fc.oneof(some, fc.constantFrom(Buffer.from('x'), Buffer.from('__proto__'), Buffer.alloc(0)));
const record: fc.Arbitrary<NewRecord> = fc.record({
  topic: fc.constant(place.topic),
  partition: fc.constant(place.partition),
  timestamp: fc.oneof(
    fc.bigInt({ min: -1n, max: 2n ** 45n }),
    fc.constantFrom(-1n, 0n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n),
  ),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(name, bytes), { maxLength: 8 }),
});
const codec = fc.constantFrom('none' as const, 'gzip' as const, 'snappy' as const, 'lz4' as const, 'zstd' as const);

const content = ({ timestamp, key, value, headers }: Omit<KafkaRecord, 'offset' | 'timestampType'>): unknown[] => [
  timestamp,
  hex(key),
  hex(value),
  headers.map((pair) => pair.map(hex)),
];
const hex = (part: Uint8Array | null): string | null => part && Buffer.from(part).toString('hex');

test('any records come back as they were, in any codec', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 30 }), codec, (records, compression) => {
      const back = cutSends(records, { maxBytes: 5_000, maxRecords: 20 }).flatMap((send) => {
        const { buffer } = createRecordsBatch(send.map(messageOf) as never, { compression });
        return [...recordsOf(place, visibleSpans(readBatches(buffer, batchCodec), [], 0n))];
      });
      expect(back.map(content)).toEqual(records.map(content));
    }),
    { numRuns: 150 },
  );
});
