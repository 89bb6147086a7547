import * as fields from '../field.ts';
import { type HeaderFamily, prefixed } from '../header-family.ts';

/**
 * Kafka Connect, sinks with `errors.deadletterqueue.context.headers.enable=true` (DeadLetterQueueReporter in Kafka 3.9 and 4.2).
 * Headers are added at each trip, so the last ones are the newest.
 */
export const connect: HeaderFamily = {
  name: 'connect',
  kind: 'failure',
  adds: 'behind',
  fields: prefixed('__connect.errors.', {
    topic: fields.topic,
    partition: fields.partitionText,
    offset: fields.offsetText,
    'connector.name': fields.component,
    'task.id': fields.task,
    stage: fields.stage,
    'class.name': fields.extra('executingClass'),
    'exception.class.name': fields.errorClass,
    'exception.message': fields.message,
    'exception.stacktrace': fields.stack,
  }),
};
