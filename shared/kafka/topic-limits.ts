import { LakewardenError } from '../errors/error.ts';

/** What a topic's settings do to records that are written into it (Kafka's documentation, topic configs). */
export interface TopicLimits {
  /** Only the newest record of a key stays. */
  readonly compacts: boolean;
  /** Old records are deleted. */
  readonly deletes: boolean;
  /** Age in milliseconds, by their timestamps, at which records are deleted; undefined for never. */
  readonly retentionMs: bigint | undefined;
  /** Bytes of a partition above which the oldest records are deleted; undefined for no limit. */
  readonly retentionBytes: bigint | undefined;
  /** Whose time records bear: the producer's (`create`) or the broker's (`append`). */
  readonly timestampType: 'create' | 'append';
  /** How much older than now a producer's timestamp may be, in milliseconds; undefined for no limit. */
  readonly oldestMs: bigint | undefined;
  /** How much younger than now it may be; undefined for no limit. */
  readonly youngestMs: bigint | undefined;
  /** Bytes of the largest batch, as it is sent. */
  readonly maxBatchBytes: number;
  /** Replicas that must have a record before it counts as written. */
  readonly minInSync: number;
}

const greatest = 2n ** 63n - 1n;

/** Reads limits out of a topic's settings. @throws kafka.protocol for a setting that is missing or no number */
export function readLimits(topic: string, settings: ReadonlyMap<string, string | null | undefined>): TopicLimits {
  const text = (name: string): string => {
    const value = settings.get(name);
    if (value === undefined || value === null)
      throw new LakewardenError('kafka.protocol', `Kafka: topic ${topic} has no setting ${name}`);
    return value;
  };
  const number = (name: string): bigint => {
    const value = text(name);
    if (!/^-?\d{1,19}$/.test(value))
      throw new LakewardenError('kafka.protocol', `Kafka: setting ${name} of topic ${topic} is no number`);
    return BigInt(value);
  };
  const limit = (name: string): bigint | undefined => {
    const value = number(name);
    return value < 0n || value === greatest ? undefined : value;
  };
  // One setting for both directions until Kafka 3.6.
  const difference = 'message.timestamp.difference.max.ms';
  const bound = (name: string): bigint | undefined => limit(settings.has(name) ? name : difference);
  const policies = text('cleanup.policy').split(',');
  return {
    compacts: policies.includes('compact'),
    deletes: policies.includes('delete'),
    retentionMs: limit('retention.ms'),
    retentionBytes: limit('retention.bytes'),
    timestampType: text('message.timestamp.type') === 'LogAppendTime' ? 'append' : 'create',
    oldestMs: bound('message.timestamp.before.max.ms'),
    youngestMs: bound('message.timestamp.after.max.ms'),
    maxBatchBytes: Number(number('max.message.bytes')),
    minInSync: Number(number('min.insync.replicas')),
  };
}
