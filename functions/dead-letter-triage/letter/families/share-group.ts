import * as fields from '../field.ts';
import { type HeaderFamily, prefixed } from '../header-family.ts';

/** Characters of a topic's id as text: 16 bytes in Base64 for URLs, without padding. */
const idLength = 22;

/**
 * Share groups (KIP-1191, Kafka 4.4). Unless the group copies records, key and value are null and the headers are a pointer.
 * A copy has the original's key and value, and none of its headers. The topic is its id where the broker could not resolve the name.
 */
export const shareGroup: HeaderFamily = {
  name: 'share-group',
  kind: 'failure',
  adds: 'behind',
  fields: prefixed('__dlq.errors.', {
    topic: fields.topic,
    partition: fields.partitionText,
    offset: fields.offsetText,
    group: fields.group,
    'delivery.count': fields.attemptsText,
    message: fields.message,
  }),
  finish: ({ origin }) => {
    if (origin.topic?.length === idLength && /^[\w-]+$/.test(origin.topic)) origin.maybeId = true;
  },
};
