import type { KafkaHeader, KafkaRecord } from '#shared/kafka/record.ts';

/** A header's value as tests write it; text becomes UTF-8. */
type Value = string | Uint8Array | null;

/** Headers in their order, with names that may be bytes. */
export function headers(...pairs: readonly (readonly [string | Uint8Array, Value])[]): KafkaHeader[] {
  return pairs.map(([name, value]) => [
    typeof name === 'string' ? Buffer.from(name) : name,
    typeof value === 'string' ? Buffer.from(value) : value,
  ]);
}

/** A record of a dead letter topic. */
export function deadRecord(changes: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    topic: 'orders-dlq',
    partition: 0,
    offset: 12n,
    timestamp: 1_700_000_000_000n,
    timestampType: 'create',
    key: Buffer.from('k'),
    value: Buffer.from('{"a":'),
    headers: [],
    ...changes,
  };
}

/** Four bytes, as Java's ByteBuffer.putInt writes them. */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Eight bytes, as Java's ByteBuffer.putLong writes them. */
export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

/** As Java's BigInteger.toByteArray writes a number. */
export function minimal(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length += 1;
  return int64(value).subarray(8 - length);
}

/** What tests choose of a failure. */
export interface Failure {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly errorClass: string;
  readonly message: string | null;
  readonly stack: string;
}

/** A failure with everything that families tell. */
export const failure: Failure = {
  topic: 'orders',
  partition: 3,
  offset: 9_007_199_254_740_993n,
  errorClass: 'org.apache.kafka.connect.errors.DataException',
  message: 'Invalid value für "id"\nat line 1',
  stack:
    'org.apache.kafka.connect.errors.DataException: Invalid\n\tat a.B.c(B.java:1)\nCaused by: x.Y: z\n\tat a.D.e(D.java:2)\n',
};

/** Kafka Connect's context headers of one trip of a sink. */
export function connectHeaders(told: Failure = failure, name = 'orders-sink'): KafkaHeader[] {
  const prefix = '__connect.errors.';
  return headers(
    [`${prefix}topic`, told.topic],
    [`${prefix}partition`, String(told.partition)],
    [`${prefix}offset`, String(told.offset)],
    [`${prefix}connector.name`, name],
    [`${prefix}task.id`, '0'],
    [`${prefix}stage`, 'VALUE_CONVERTER'],
    [`${prefix}class.name`, 'org.apache.kafka.connect.json.JsonConverter'],
    [`${prefix}exception.class.name`, told.errorClass],
    [`${prefix}exception.message`, told.message],
    [`${prefix}exception.stacktrace`, told.stack],
  );
}

/** Kafka Streams' headers. */
export function streamsHeaders(told: Failure = failure): KafkaHeader[] {
  const prefix = '__streams.errors.';
  return headers(
    [`${prefix}exception`, told.errorClass],
    [`${prefix}stacktrace`, told.stack],
    [`${prefix}message`, told.message],
    [`${prefix}topic`, told.topic],
    [`${prefix}partition`, String(told.partition)],
    [`${prefix}offset`, String(told.offset)],
  );
}

/** A share group's pointer. */
export function shareGroupHeaders(told: Failure = failure): KafkaHeader[] {
  const prefix = '__dlq.errors.';
  return headers(
    [`${prefix}topic`, told.topic],
    [`${prefix}partition`, String(told.partition)],
    [`${prefix}offset`, String(told.offset)],
    [`${prefix}group`, 'billing'],
    [`${prefix}delivery.count`, '5'],
    [`${prefix}message`, told.message],
  );
}

/** What Spring Kafka appends at each trip: the origin. */
export function springOrigin(told: Failure = failure, group = 'billing'): KafkaHeader[] {
  const prefix = 'kafka_dlt-original-';
  return headers(
    [`${prefix}topic`, told.topic],
    [`${prefix}partition`, int32(told.partition)],
    [`${prefix}offset`, int64(told.offset)],
    [`${prefix}timestamp`, int64(1_700_000_000_123n)],
    [`${prefix}timestamp-type`, 'CreateTime'],
    [`${prefix}consumer-group`, group],
  );
}

/** What Spring Kafka replaces at each trip: the exception. */
export function springException(told: Failure = failure): KafkaHeader[] {
  const prefix = 'kafka_dlt-exception-';
  return headers(
    [`${prefix}fqcn`, told.errorClass],
    [`${prefix}cause-fqcn`, 'x.Y'],
    [`${prefix}message`, told.message],
    [`${prefix}stacktrace`, told.stack],
  );
}

/** SmallRye's headers of one trip, which it puts before all others. */
export function smallryeHeaders(told: Failure = failure, prefix = 'dead-letter-'): KafkaHeader[] {
  return headers(
    [`${prefix}exception-class-name`, told.errorClass],
    [`${prefix}reason`, told.message],
    [`${prefix}cause-class-name`, 'x.Y'],
    [`${prefix}cause`, 'z'],
    [`${prefix}topic`, told.topic],
    [`${prefix}partition`, String(told.partition)],
    [`${prefix}offset`, String(told.offset)],
  );
}

/** A record of ksqlDB's processing log. */
export function ksqldbRecord(raw: Buffer, target = 'value'): KafkaRecord {
  const value = {
    level: 'ERROR',
    logger: 'processing.CTAS_ORDERS_1.KsqlTopic.Source.deserializer',
    time: 1_700_000_000_456,
    message: {
      type: 0,
      deserializationError: {
        target,
        errorMessage: 'Failed to deserialize value from topic: orders',
        recordB64: raw.toString('base64'),
        cause: ['outer', 'Unexpected end-of-input'],
        topic: 'orders',
      },
      recordProcessingError: null,
      productionError: null,
      serializationError: null,
    },
  };
  return deadRecord({ value: Buffer.from(JSON.stringify(value)) });
}
