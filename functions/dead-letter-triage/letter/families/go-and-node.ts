import * as fields from '../field.ts';
import type { HeaderFamily } from '../header-family.ts';

/** Watermill's PoisonQueue (Go): text, no coordinates. */
export const watermill: HeaderFamily = {
  name: 'watermill',
  kind: 'failure',
  adds: 'behind',
  fields: {
    reason_poisoned: fields.message,
    topic_poisoned: fields.topic,
    handler_poisoned: fields.component,
    subscriber_poisoned: fields.extra('subscriber'),
  },
};

/** eventferry (Node), and the many that write the same names. */
export const eventferry: HeaderFamily = {
  name: 'eventferry',
  kind: 'failure',
  adds: 'behind',
  signs: [['dlq-reason'], ['dlq-error-class'], ['dlq-original-topic']],
  fields: {
    'dlq-original-topic': fields.topic,
    'original-topic': fields.topic,
    'dlq-original-partition': fields.partitionText,
    'dlq-original-offset': fields.offsetText,
    'dlq-consumer-group': fields.group,
    'dlq-reason': fields.message,
    'dlq-error-message': fields.message,
    'dlq-error-class': fields.errorClass,
    'dlq-failed-at': fields.failedAtInstant,
    'dlq-attempts': fields.attemptsText,
    'dlq-stack': fields.stack,
    'dlq-error-stack': fields.stack,
    'dlq-original-aggregate-id': fields.extra('aggregateId'),
    'dlq-original-message-id': fields.extra('messageId'),
  },
};
