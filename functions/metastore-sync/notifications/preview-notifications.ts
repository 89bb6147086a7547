import type { Settings } from '../config.ts';
import { type ChangedData, describeForeign, NotificationJudge } from './foreign-change.ts';
import type { NotificationCursor } from './notification-cursor.ts';
import { type Loss, presentCursor, readNotifications, requireNotifications } from './read-notifications.ts';
import type { Clients } from '../survey.ts';

/** Changes by others that would be told. */
export interface Preview {
  /** Id after which was looked; 0 for everything that the metastore still has. */
  readonly since: bigint;
  readonly losses: readonly Loss[];
  readonly changes: readonly { readonly time: string; readonly data: ChangedData }[];
  /** True when there are more. */
  readonly more: boolean;
}

const mostChanges = 1_000;

/** Looks what others changed after a notification, or at all that the metastore still has; writes and tells nothing. */
export async function previewNotifications(
  { metastore }: Clients,
  settings: Settings,
  after: NotificationCursor | bigint = 0n,
): Promise<Preview> {
  await requireNotifications(metastore);
  const from = typeof after === 'bigint' ? { ...(await presentCursor(metastore)), event: after, mark: '' } : after;
  const judge = new NotificationJudge(settings);
  const losses: Loss[] = [];
  const changes: { time: string; data: ChangedData }[] = [];
  for await (const page of readNotifications(metastore, from)) {
    if (changes.length >= mostChanges) return { since: from.event, losses, changes, more: true };
    // What was cleaned before anybody read is no loss.
    if (typeof after !== 'bigint') losses.push(...page.losses);
    for (const event of page.events) {
      const { concern, notification } = judge.judge(event);
      if (concern === 'foreign') {
        const time = new Date(notification.time * 1_000).toISOString();
        changes.push({ time, data: describeForeign(from.metastore, notification) });
      }
    }
  }
  return { since: from.event, losses, changes, more: false };
}
