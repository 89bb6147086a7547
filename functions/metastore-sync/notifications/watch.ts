import { asError, LakewardenError } from '#shared/errors/error.ts';
import type { Call, Outcome } from '#shared/host/function.ts';
import { syncEvent } from '../announce.ts';
import { compareTopic } from '../examine/compare-topic.ts';
import type { Request } from '../doorbell.ts';
import { driftedEvent } from './drifted-event.ts';
import { readCursor } from './notification-cursor.ts';
import { previewNotifications } from './preview-notifications.ts';
import { type Followed, followNotifications, type FollowTools } from './follow-notifications.ts';
import { chooseTopics } from '../topics.ts';

/** Where the metastore's notifications are followed to. @throws config.invalid when the settings do not ask for it */
export function cursorFolder({ notifications }: FollowTools['settings']): string {
  if (notifications !== undefined) return notifications.cursor;
  const message = "the metastore's notifications are not read: set notifications.cursor to a folder of HDFS";
  throw new LakewardenError('config.invalid', message);
}

/** Answers an event that asks what others changed: by the metastore's log of notifications, or by a look at everything. */
export async function watch(request: Request, tools: FollowTools, call: Call): Promise<Outcome> {
  if (request.errand === 'drift') {
    const emit = request.dryRun ? () => Promise.resolve() : tools.emit;
    return await lookForDrift(request, { ...tools, emit }, call);
  }
  if (request.dryRun) {
    const cursor = await readCursor(tools.clients.hdfs, cursorFolder(tools.settings));
    return { status: 'planned', body: await previewNotifications(tools.clients, tools.settings, cursor) };
  }
  const followed = await followNotifications(cursorFolder(tools.settings), tools);
  if (followed.left) await goOn(tools, call, { scope: 'notifications' });
  for (const { reason, from, to } of followed.losses)
    call.log.error({ reason, from, to }, `notifications ${from} to ${to} of the metastore are lost: ${reason}`);
  call.log.info({ notifications: followed }, 'notifications read');
  return { status: statusOf(followed), body: followed };
}

function statusOf({ left, losses, read }: Followed): Outcome['status'] {
  if (left || losses.length > 0) return 'partial';
  return read.foreign > 0 ? 'done' : 'nothing';
}

async function lookForDrift({ scope }: Request, tools: FollowTools, call: Call): Promise<Outcome> {
  const { clients, settings, instance, emit, hasTime } = tools;
  const { topics, problems } = await chooseTopics(clients.hdfs, settings, scope);
  const drifted: string[] = [];
  const left: string[] = [];
  for (const [index, topic] of topics.entries()) {
    call.signal.throwIfAborted();
    if (index > 0 && !hasTime()) {
      left.push(topic.topic);
      continue;
    }
    try {
      const report = await compareTopic(clients, settings, topic);
      if (report.findings.length === 0) continue;
      await emit(driftedEvent(instance, report));
      drifted.push(report.table);
    } catch (thrown) {
      const error = asError(thrown);
      if (error.disposition !== 'reject') throw error;
      problems.push({ code: 'topic.failed', topic: topic.topic, message: error.message });
    }
  }
  if (left.length > 0) await goOn(tools, call, { scope: 'drift', topics: left });
  call.log.info({ drift: { topics: topics.length, drifted, left, problems: problems.length } }, 'looked for drift');
  const status = left.length + problems.length > 0 ? 'partial' : drifted.length > 0 ? 'done' : 'nothing';
  return { status, body: { drifted, left, problems } };
}

async function goOn({ instance, emit }: FollowTools, { event }: Call, data: object): Promise<void> {
  await emit(syncEvent(instance, 'metastore-sync.resumed', data, [event.source, event.id, JSON.stringify(data)]));
}
