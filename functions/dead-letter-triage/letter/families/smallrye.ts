import * as fields from '../field.ts';
import { type HeaderFamily, prefixed } from '../header-family.ts';

const common = {
  'exception-class-name': fields.errorClass,
  reason: fields.message,
  'cause-class-name': fields.rootClass,
  cause: fields.rootMessage,
  topic: fields.topic,
  partition: fields.partitionText,
  offset: fields.offsetText,
};

/** SmallRye Reactive Messaging, `failure-strategy=dead-letter-queue`. Its headers stand before older ones: the first are the newest. */
export const smallrye: HeaderFamily = {
  name: 'smallrye',
  kind: 'failure',
  adds: 'before',
  signs: [['dead-letter-reason'], ['dead-letter-topic', 'dead-letter-offset']],
  fields: prefixed('dead-letter-', common),
};

/** SmallRye Reactive Messaging, `failure-strategy=delayed-retry-topic`. */
export const smallryeRetry: HeaderFamily = {
  name: 'smallrye',
  kind: 'retry',
  adds: 'before',
  fields: prefixed('delayed-retry-', {
    ...common,
    count: fields.attemptsText,
    'original-timestamp': fields.timestampText,
    'first-processing-timestamp': fields.extra('firstProcessed'),
  }),
};
