import * as fields from '../field.ts';
import { type Found, hasRepetition, type HeaderFamily, partByRepetition, prefixed } from '../header-family.ts';
import type { HopDraft } from '../hop.ts';

const original = {
  'original-topic': fields.topic,
  'original-partition': fields.partitionInt32,
  'original-offset': fields.offsetInt64,
  'original-timestamp': fields.timestampInt64,
  'original-timestamp-type': fields.timestampType,
  'original-consumer-group': fields.group,
};

const exception = {
  'exception-fqcn': fields.errorClass,
  'exception-cause-fqcn': fields.rootClass,
  'exception-message': fields.message,
  'exception-stacktrace': fields.stack,
  'key-exception-fqcn': fields.extra('keyErrorClass'),
  'key-exception-message': fields.extra('keyErrorMessage'),
  'key-exception-stacktrace': fields.extra('keyErrorStack'),
};

/**
 * Spring Kafka's DeadLetterPublishingRecoverer; numbers are binary. Each trip appends headers of the origin, and replaces
 * those of the exception: the first origin is the true one, the exception belongs to the last hop.
 */
export const spring: HeaderFamily = {
  name: 'spring',
  kind: 'failure',
  adds: 'behind',
  fields: {
    ...prefixed('kafka_dlt-', { ...original, ...exception }),
    // Names of releases before 2.8.
    ...prefixed('kafka_', { ...original, ...exception }),
    'retry_topic-attempts': fields.attemptsBinary,
    'retry_topic-original-timestamp': fields.minimalExtra('firstTimestamp'),
    'retry_topic-backoff-timestamp': fields.minimalExtra('backoffUntil'),
    springDeserializerExceptionKey: fields.lengthOnly('keyDeserializerExceptionBytes'),
    springDeserializerExceptionValue: fields.lengthOnly('valueDeserializerExceptionBytes'),
  },
  part: partByOrigin,
  finish: preferKeyError,
};

function partByOrigin(found: readonly Found[]): Found[][] {
  const isOrigin = ({ name }: Found): boolean =>
    name.startsWith('kafka_dlt-original-') || name.startsWith('kafka_orig');
  if (!hasRepetition(found)) return [[...found.filter(isOrigin), ...found.filter((one) => !isOrigin(one))]];
  const parts = partByRepetition(found.filter(isOrigin));
  if (parts.length === 0) parts.push([]);
  const others = Map.groupBy(
    found.filter((one) => !isOrigin(one)),
    ({ name }) => name,
  );
  for (const same of others.values()) {
    // As many as there are hops: somebody keeps old exceptions. Otherwise the newest is the last hop's.
    const isEach = same.length === parts.length;
    for (const [index, part] of parts.entries()) {
      const one = isEach ? same[index] : index === parts.length - 1 ? same.at(-1) : undefined;
      if (one !== undefined) part.push(one);
    }
  }
  return parts;
}

/** A key that could not be read has headers of its own. */
function preferKeyError(hop: HopDraft): void {
  const { error, extras } = hop;
  if (error.class !== undefined || extras['keyErrorClass'] === undefined) return;
  error.class = extras['keyErrorClass'];
  if (extras['keyErrorMessage'] !== undefined) error.message = extras['keyErrorMessage'];
  if (extras['keyErrorStack'] !== undefined) error.stack = extras['keyErrorStack'];
  hop.stage = 'key';
}
