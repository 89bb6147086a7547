import * as fields from '../field.ts';
import { type HeaderFamily, prefixed } from '../header-family.ts';

/** Kafka Streams with `errors.dead.letter.queue.topic.name` (KIP-1034, Kafka 4.2). `topic` may be an internal one. */
export const streams: HeaderFamily = {
  name: 'streams',
  kind: 'failure',
  adds: 'behind',
  fields: prefixed('__streams.errors.', {
    exception: fields.errorClass,
    stacktrace: fields.stack,
    message: fields.message,
    topic: fields.topic,
    partition: fields.partitionText,
    offset: fields.offsetText,
  }),
};
