import * as fields from '../field.ts';
import type { HeaderFamily } from '../header-family.ts';

const others = ['x-exception-fqcn', 'x-exception-message', 'x-exception-stacktrace', 'x-original-timestamp-type'];

/**
 * Spring Cloud Stream's Kafka binder; numbers are binary. Its first names are common ones that others write as text, so that
 * they count only beside names of its own.
 */
export const springCloudStream: HeaderFamily = {
  name: 'spring-cloud-stream',
  kind: 'failure',
  adds: 'behind',
  signs: others.map((name) => ['x-original-topic', name]),
  fields: {
    'x-original-topic': fields.topic,
    'x-original-partition': fields.partitionInt32,
    'x-original-offset': fields.offsetInt64,
    'x-original-timestamp': fields.timestampInt64,
    'x-original-timestamp-type': fields.timestampType,
    'x-exception-fqcn': fields.errorClass,
    'x-exception-message': fields.message,
    'x-exception-stacktrace': fields.stack,
  },
};
