import { Command, InvalidArgumentError, Option } from 'commander';
import { createClients } from '#functions/metastore-sync/clients.ts';
import type { ChangedData } from '#functions/metastore-sync/notifications/foreign-change.ts';
import { readCursor } from '#functions/metastore-sync/notifications/notification-cursor.ts';
import { type Preview, previewNotifications } from '#functions/metastore-sync/notifications/preview-notifications.ts';
import { toJson } from '#shared/events/json.ts';
import { exitCode } from './exit-code.ts';
import { syncSettings } from './sync-settings.ts';
import { count, paint, printable, renderTable } from './terminal.ts';

interface NotificationsOptions {
  readonly since?: bigint;
  readonly json?: true;
  readonly config?: string;
  readonly lake: string;
}

/** `lakewarden sync notifications` */
export function notificationsCommand(): Command {
  return new Command('notifications')
    .description(
      "tell what others changed in our databases, by the metastore's log of notifications, since the function last read it; changes nothing",
    )
    .addOption(
      new Option('--since <id>', 'after this notification; 0 for all that the metastore still has').argParser(parseId),
    )
    .option('--json', 'print data instead of text')
    .addOption(new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default')
    .addHelpText('after', `\nExit code ${exitCode.partial} tells that there are changes, 0 that there are none.`)
    .action(showNotifications);
}

function parseId(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('Expected the id of a notification, a whole number.');
}

async function showNotifications(options: NotificationsOptions): Promise<void> {
  const settings = syncSettings(options);
  const clients = createClients(settings);
  try {
    const { since } = options;
    const folder = settings.notifications?.cursor;
    const cursor = folder === undefined || since !== undefined ? undefined : await readCursor(clients.hdfs, folder);
    const preview = await previewNotifications(clients, settings, cursor ?? since);
    if (options.json === true) console.log(JSON.stringify(JSON.parse(toJson(preview)), undefined, 2));
    else show(preview);
    process.exitCode = preview.changes.length + preview.losses.length > 0 ? exitCode.partial : exitCode.ok;
  } finally {
    await clients.metastore.close();
    clients.hdfs.close();
  }
}

function show({ since, losses, changes, more }: Preview): void {
  for (const { reason, from, to } of losses)
    console.log(
      paint('red', `the notifications ${from} to ${to} are lost (${reason}): sync drift compares everything`),
    );
  if (changes.length > 0)
    console.log(
      renderTable(
        ['id', 'when', 'change', 'table', 'what', 'by'],
        changes.map(({ time, data }) => [
          String(data.event),
          time.replace('.000Z', 'Z'),
          data.change,
          data.table ?? data.database,
          printable(describe(data)),
          data.by ?? '',
        ]),
      ),
    );
  const sum = `${count(changes.length, 'change')} by others${more ? ' and more' : ''} after notification ${since}`;
  console.log(paint(changes.length > 0 ? 'bold' : 'green', sum));
}

/** One line for what a change did. */
function describe({ partitions = [], partitionCount = 0, changes = [], unreadable }: ChangedData): string {
  const named =
    partitions.length === 0 ? [] : [`${partitions[0]}${partitionCount > 1 ? ` and ${partitionCount - 1} more` : ''}`];
  const made = changes.map(({ what, before, after }) => {
    if (before === undefined) return `${what} added: ${after}`;
    return after === undefined ? `${what} removed` : `${what}: ${before} → ${after}`;
  });
  return [...named, ...made, ...(unreadable === undefined ? [] : [`unreadable: ${unreadable}`])].join('; ');
}
