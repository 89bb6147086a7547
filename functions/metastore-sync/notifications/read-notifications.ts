import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { Metastore, NotificationEvent } from '#shared/hive/metastore.ts';
import { cursorAt, markOf, type NotificationCursor } from './notification-cursor.ts';

/** Notifications that nobody can read any more, or that cannot be trusted to be the ones after those that were read. */
export interface Loss {
  /**
   * `cleaned`: the metastore keeps them for a time only. `reset`: its ids are lower than what was read. `rewritten`: the
   * last one that was read is another one now, as after a restore. `replaced`: it is another metastore.
   */
  readonly reason: 'cleaned' | 'reset' | 'rewritten' | 'replaced';
  /** The first and the last id that are missing; of a reset or another metastore, what was read and what is there. */
  readonly from: bigint;
  readonly to: bigint;
}

/** Some notifications in order, what was lost before or between them, and how far they reach. */
export interface NotificationPage {
  readonly events: readonly NotificationEvent[];
  readonly losses: readonly Loss[];
  readonly cursor: NotificationCursor;
}

/** Notifications in one call: a batch of 500 partitions is one, of up to a megabyte. */
const pageSize = 20;

/** Settings of the server that name listeners, of which one must write the log. */
const listenerSettings = ['hive.metastore.transactional.event.listeners', 'hive.metastore.event.listeners'];

/** Throws metastore.unsupported when the metastore says that nothing writes its log of notifications. */
export async function requireNotifications(metastore: Pick<Metastore, 'serverSetting'>): Promise<void> {
  try {
    for (const name of listenerSettings) if ((await metastore.serverSetting(name)) !== '') return;
  } catch (error) {
    // A server that does not tell its settings may have a listener.
    if (!isError(error, 'metastore.invalid', 'metastore.unsupported')) throw error;
    return;
  }
  throw new LakewardenError(
    'metastore.unsupported',
    'the metastore keeps no log of notifications: none of its listeners is set (metastore.transactional.event.listeners must name org.apache.hive.hcatalog.listener.DbNotificationListener)',
  );
}

type Log = Pick<Metastore, 'notifications' | 'latestNotification' | 'uuid'>;

/** What tells a metastore from others; Hive 2.3 has nothing of the kind. */
async function identify(metastore: Log): Promise<string> {
  try {
    return await metastore.uuid();
  } catch (error) {
    if (isError(error, 'metastore.unsupported')) return '';
    throw error;
  }
}

/** Where a page is longer than an answer may be, its first notification alone. */
async function askPage(metastore: Log, after: bigint): Promise<readonly NotificationEvent[]> {
  try {
    return await metastore.notifications(after, pageSize);
  } catch (error) {
    if (isError(error, 'metastore.protocol')) return await metastore.notifications(after, 1);
    throw error;
  }
}

/** Where reading starts: after the latest notification. */
export async function presentCursor(metastore: Log): Promise<NotificationCursor> {
  const [id, latest] = [await identify(metastore), await metastore.latestNotification()];
  const [event] = latest > 0n ? await metastore.notifications(latest - 1n, 1) : [];
  return cursorAt(id, latest, event?.eventId === latest ? event : undefined);
}

/** Reads what came after a cursor, page by page, to the end; a page with neither events nor losses is none. */
export async function* readNotifications(
  metastore: Log,
  { metastore: id, event: read, mark }: NotificationCursor,
): AsyncGenerator<NotificationPage> {
  const latest = await metastore.latestNotification();
  // The last one that was read comes once more: it must be the same still.
  let events = await askPage(metastore, read > 0n ? read - 1n : 0n);
  const again = events[0]?.eventId === read ? events[0] : undefined;
  const isRewritten = again !== undefined && mark !== '' && markOf(again) !== mark;
  const isReplaced = (await identify(metastore)) !== id;
  if (isReplaced || isRewritten || latest < read) {
    const reason = isReplaced ? 'replaced' : isRewritten ? 'rewritten' : 'reset';
    yield { events: [], losses: [{ reason, from: read, to: latest }], cursor: await presentCursor(metastore) };
    return;
  }
  if (again !== undefined) events = events.slice(1);
  if (events.length === 0 && latest > read) events = await askPage(metastore, read);
  let last = read;
  while (events.length > 0) {
    const losses: Loss[] = [];
    for (const { eventId } of events) {
      if (eventId > last + 1n) losses.push({ reason: 'cleaned', from: last + 1n, to: eventId - 1n });
      last = eventId;
    }
    yield { events, losses, cursor: cursorAt(id, last, events.at(-1)) };
    events = await askPage(metastore, last);
  }
  if (last < latest) {
    const losses: Loss[] = [{ reason: 'cleaned', from: last + 1n, to: latest }];
    yield { events: [], losses, cursor: cursorAt(id, latest, undefined) };
  }
}
