import { list, struct, type Value } from './thrift/types.ts';

// Structs of hive_metastore.thrift around the log of notifications, with the fields that we use.

/** What get_next_notification asks. */
export const NotificationRequest = struct('NotificationEventRequest', {
  lastEvent: [1, 'i64', 'required'],
  maxEvents: [2, 'i32'],
});

/** One change in the metastore. The time is seconds since 1970; the message is JSON text, or what messageFormat says. */
const NotificationEvent = struct('NotificationEvent', {
  eventId: [1, 'i64', 'required'],
  eventTime: [2, 'i32', 'required'],
  eventType: [3, 'string', 'required'],
  dbName: [4, 'string'],
  tableName: [5, 'string'],
  message: [6, 'string', 'required'],
  messageFormat: [7, 'string'],
  catName: [8, 'string'],
});
export type NotificationEvent = Value<typeof NotificationEvent>;

/** What get_next_notification answers. */
export const NotificationResponse = struct('NotificationEventResponse', {
  events: [1, list(NotificationEvent), 'required'],
});

/** What get_current_notificationEventId answers. */
export const CurrentNotificationId = struct('CurrentNotificationEventId', { eventId: [1, 'i64', 'required'] });
