import * as fields from '../field.ts';
import { type HeaderFamily, prefixed } from '../header-family.ts';

/** MassTransit (.NET): no coordinates, only an address. */
export const masstransit: HeaderFamily = {
  name: 'masstransit',
  kind: 'failure',
  adds: 'behind',
  fields: {
    'MT-Reason': fields.stage,
    ...prefixed('MT-Fault-', {
      ExceptionType: fields.errorClass,
      Message: fields.message,
      StackTrace: fields.stack,
      Timestamp: fields.failedAtInstant,
      ConsumerType: fields.component,
      MessageType: fields.extra('messageType'),
      InputAddress: fields.extra('inputAddress'),
      RetryCount: fields.attemptsText,
    }),
  },
};
