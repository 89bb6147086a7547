import type { CloudEventOut } from '#shared/events/event.ts';
import type { NotificationEvent } from '#shared/hive/metastore.ts';
import { type Notification, readNotification } from '#shared/hive/notification.ts';
import { syncEvent } from '../announce.ts';
import { isOurs } from './authorship.ts';
import type { Settings } from '../config.ts';
import { describeChanges, type NotedChange, whoChanged } from './notification-changes.ts';
import { topicProperty } from '../properties.ts';
import { topicSettings } from '../topics.ts';

/** Whom a notification concerns. */
export type Concern = 'foreign' | 'ours' | 'other';

const shownPartitions = 100;

/** Says of notifications whom they concern. */
export class NotificationJudge {
  readonly #settings: Settings;
  readonly #databases: ReadonlySet<string>;

  constructor(settings: Settings) {
    this.#settings = settings;
    const own = Object.values(settings.topics).map(({ database }) => database ?? settings.database);
    this.#databases = new Set([settings.database, ...own].map((name) => name.toLowerCase()));
  }

  /**
   * Reads a notification: a change by others in our databases, one of ours, or one of another database. Statistics of
   * columns are nobody's concern: they change no answer, and tell nothing of who computed them.
   */
  judge(event: NotificationEvent): { readonly concern: Concern; readonly notification: Notification } {
    const { dbName = '', catName = 'hive', eventType } = event;
    const isNear = this.#databases.has(dbName.toLowerCase()) && catName === 'hive';
    // The message of another database need not be unpacked.
    if (!isNear || eventType.endsWith('_COLUMN_STAT'))
      return { concern: 'other', notification: readNotification({ ...event, message: '{}', messageFormat: '' }) };
    const notification = readNotification(event);
    const isOwn = isOurs(notification, ownTable(notification, this.#settings));
    return { concern: isOwn ? 'ours' : 'foreign', notification };
  }
}

/** The name of the table that the topic which a table is marked with has by the settings; of one that is adopted, its own. */
function ownTable({ database, table, after }: Notification, settings: Settings): string | undefined {
  const nameOf = (topic: string): string => {
    const own = topicSettings(settings, topic);
    return `${own.database}.${own.table}`;
  };
  const topic = after?.parameters?.get(topicProperty);
  if (topic !== undefined) return nameOf(topic);
  const adopted = Object.keys(settings.topics).filter((name) => settings.topics[name]?.adopt === true);
  return adopted.map(nameOf).find((name) => name === `${database}.${table}`);
}

/** What is told of a change by others; bounded. */
export interface ChangedData {
  /** The metastore's own id. */
  readonly metastore: string;
  readonly event: bigint;
  /** As the metastore calls it, such as `ALTER_TABLE`. */
  readonly change: string;
  readonly database: string;
  /** With its database. */
  readonly table?: string;
  readonly topic?: string;
  /** The first 100 of `partitionCount`. */
  readonly partitions?: readonly string[];
  readonly partitionCount?: number;
  readonly changes?: readonly NotedChange[];
  /** Who did it, as far as Hive noted it down. */
  readonly by?: string;
  /** Why no more can be told. */
  readonly unreadable?: string;
}

/** Puts a change by others into a bounded form. */
export function describeForeign(metastore: string, notification: Notification): ChangedData {
  const { id, type, database = '', table, after, partitions, unreadable } = notification;
  const topic = after?.parameters?.get(topicProperty);
  const by = whoChanged(notification);
  const changes = describeChanges(notification);
  return {
    metastore,
    event: id,
    change: type,
    database,
    ...(table === undefined ? {} : { table: `${database}.${table}` }),
    ...(topic === undefined ? {} : { topic }),
    ...(partitions.length === 0
      ? {}
      : {
          partitions: partitions.slice(0, shownPartitions).map((partition) => partition.name),
          partitionCount: partitions.length,
        }),
    ...(changes.length === 0 ? {} : { changes }),
    ...(by === undefined ? {} : { by }),
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

/** `metastore.changed` */
export function changedEvent(instance: string, metastore: string, notification: Notification): CloudEventOut {
  const { id, time, type } = notification;
  const data = describeForeign(metastore, notification);
  const subject = data.table ?? data.database;
  return syncEvent(instance, 'metastore.changed', data, [metastore, id, time, type], subject, new Date(time * 1_000));
}
