import * as fields from '../field.ts';
import { type HeaderFamily, prefixed } from '../header-family.ts';

/** Google Pub/Sub's dead letter attributes, which its connectors write as headers. */
export const pubsub: HeaderFamily = {
  name: 'pubsub',
  kind: 'failure',
  adds: 'behind',
  fields: prefixed('CloudPubSubDeadLetterSource', {
    Subscription: fields.component,
    SubscriptionProject: fields.extra('project'),
    DeliveryCount: fields.attemptsText,
    TopicPublishTime: fields.timestampInstant,
    DeliveryErrorMessage: fields.message,
  }),
};

/** Azure Service Bus's dead letter properties, which its connectors write as headers. */
export const serviceBus: HeaderFamily = {
  name: 'service-bus',
  kind: 'failure',
  adds: 'behind',
  signs: [['DeadLetterReason']],
  fields: {
    DeadLetterReason: fields.code,
    DeadLetterErrorDescription: fields.message,
    DeadLetterSource: fields.component,
  },
};
