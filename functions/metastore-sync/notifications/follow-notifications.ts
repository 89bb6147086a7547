import type { CloudEventOut } from '#shared/events/event.ts';
import type { NotificationEvent } from '#shared/hive/metastore.ts';
import { syncEvent } from '../announce.ts';
import { type Touched, tryCompareTouched } from './compare-touched.ts';
import type { Settings } from '../config.ts';
import { driftedEvent } from './drifted-event.ts';
import { changedEvent, type Concern, NotificationJudge } from './foreign-change.ts';
import { type NotificationCursor, readCursor, writeCursor } from './notification-cursor.ts';
import { type Loss, presentCursor, readNotifications, requireNotifications } from './read-notifications.ts';
import type { Clients } from '../survey.ts';
import { chooseTopics } from '../topics.ts';

/** What following needs. */
export interface FollowTools {
  readonly clients: Clients;
  readonly settings: Settings;
  readonly instance: string;
  /** Sends an event; what it throws ends the run before the cursor passes what was not delivered. */
  readonly emit: (event: CloudEventOut) => Promise<void>;
  /** False when no further page should be begun. */
  readonly hasTime: () => boolean;
  readonly signal?: AbortSignal;
  /** Told of what was read, page by page. */
  readonly countRead?: ((page: Pick<Followed, 'read' | 'losses'>) => void) | undefined;
}

/** What a run learned from the metastore's log. */
export interface Followed {
  /** True when there was no cursor: what happened before is not told. */
  readonly started: boolean;
  /** Id up to which everything is told. */
  readonly until: bigint;
  /** Notifications by whom they concern. */
  readonly read: Readonly<Record<Concern, number>>;
  readonly losses: readonly Loss[];
  /** Tables that differ now from how metastore-sync leaves them. */
  readonly drifted: readonly string[];
  /** True when there was no time for all. */
  readonly left: boolean;
}

/**
 * Tells what others changed in the metastore since the last time, compares the tables that they touched, and then moves
 * the cursor: what a killed run told is told again, by events of the same ids.
 * @throws metastore.unsupported when the metastore keeps no log, sink.unavailable
 */
export async function followNotifications(folder: string, tools: FollowTools): Promise<Followed> {
  const { clients, hasTime } = tools;
  const { metastore, hdfs } = clients;
  await requireNotifications(metastore);
  const read = { foreign: 0, ours: 0, other: 0 };
  const losses: Loss[] = [];
  const drifted = new Set<string>();
  const cursor = await readCursor(hdfs, folder);
  if (cursor === undefined) {
    const start = await presentCursor(metastore);
    await writeCursor(hdfs, folder, start);
    return { started: true, until: start.event, read, losses, drifted: [], left: false };
  }
  const judge = new NotificationJudge(tools.settings);
  let until = cursor.event;
  let pages = 0;
  let left = false;
  for await (const page of readNotifications(metastore, cursor)) {
    // The first page is always told, so that a chain of resumed runs comes to its end.
    left = pages > 0 && !hasTime();
    if (left) break;
    pages += 1;
    for (const loss of page.losses) await tellLoss(loss, cursor, tools);
    if (page.losses.length > 0 && losses.length === 0) await askForDrift(page.losses, cursor, tools);
    losses.push(...page.losses);
    const { seen, touched } = await tellChanges(page.events, judge, cursor, tools);
    for (const name of await tellDrift(touched, cursor, tools)) drifted.add(name);
    await writeCursor(hdfs, folder, page.cursor);
    until = page.cursor.event;
    for (const concern of ['foreign', 'ours', 'other'] as const) read[concern] += seen[concern];
    tools.countRead?.({ read: seen, losses: page.losses });
  }
  return { started: false, until, read, losses, drifted: [...drifted], left };
}

/** Tells of each change by others, and gathers which tables they touched. */
async function tellChanges(
  events: readonly NotificationEvent[],
  judge: NotificationJudge,
  { metastore }: NotificationCursor,
  { instance, emit, signal }: FollowTools,
): Promise<{ seen: Record<Concern, number>; touched: Map<string, TouchedTable> }> {
  const seen = { foreign: 0, ours: 0, other: 0 };
  const touched = new Map<string, TouchedTable>();
  for (const event of events) {
    const { concern, notification } = judge.judge(event);
    seen[concern] += 1;
    if (concern !== 'foreign') continue;
    signal?.throwIfAborted();
    await emit(changedEvent(instance, metastore, notification));
    const { database, table, id, before, partitions } = notification;
    if (table === undefined) continue;
    const name = `${database}.${table}`;
    const known = touched.get(name) ?? { before: undefined, partitions: new Set(), events: [] };
    known.before ??= before;
    for (const partition of partitions) known.partitions.add(partition.name);
    known.events.push(id);
    touched.set(name, known);
  }
  return { seen, touched };
}

interface TouchedTable extends Touched {
  before: Touched['before'];
  readonly partitions: Set<string>;
  readonly events: bigint[];
}

/** Compares those of the touched tables that are ours, and tells of each that differs. @returns their names */
async function tellDrift(
  touched: ReadonlyMap<string, TouchedTable>,
  { metastore }: NotificationCursor,
  { clients, settings, instance, emit, signal }: FollowTools,
): Promise<string[]> {
  if (touched.size === 0) return [];
  const drifted: string[] = [];
  const { topics } = await chooseTopics(clients.hdfs, settings, { kind: 'full' });
  for (const topic of topics) {
    const table = touched.get(`${topic.database}.${topic.table}`.toLowerCase());
    if (table === undefined) continue;
    signal?.throwIfAborted();
    const report = await tryCompareTouched(clients, settings, topic, table);
    if (report.findings.length === 0) continue;
    await emit(driftedEvent(instance, report, { metastore, events: table.events }));
    drifted.push(report.table);
  }
  return drifted;
}

async function tellLoss(loss: Loss, { metastore }: NotificationCursor, { instance, emit }: FollowTools): Promise<void> {
  const { reason, from, to } = loss;
  const data = { metastore, reason, from, to };
  await emit(syncEvent(instance, 'notifications.lost', data, [metastore, reason, from, to]));
}

/** What was lost can only be found by looking at everything. */
async function askForDrift(
  losses: readonly Loss[],
  { metastore }: NotificationCursor,
  { instance, emit }: FollowTools,
) {
  const parts = losses.map(({ reason, from, to }) => `${reason} ${from} ${to}`);
  await emit(syncEvent(instance, 'metastore-sync.resumed', { scope: 'drift' }, [metastore, ...parts]));
}
