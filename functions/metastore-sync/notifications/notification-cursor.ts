import { z } from 'zod';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { NotificationEvent } from '#shared/hive/metastore.ts';

const attribute = 'user.lakewarden.notifications';

const schema = z.object({
  metastore: z.string(),
  event: z.string().regex(/^\d+$/).transform(BigInt),
  mark: z.string(),
});

/** How far the notifications of a metastore were read. */
export type NotificationCursor = z.output<typeof schema>;

/** The cursor after an event; `mark` tells that event from another one that got its id after a restore. */
export function cursorAt(metastore: string, id: bigint, event: NotificationEvent | undefined): NotificationCursor {
  return { metastore, event: id, mark: event === undefined ? '' : markOf(event) };
}

/** What an event is beside its id, in a short text. */
export function markOf({ eventTime, eventType, dbName = '', tableName = '' }: NotificationEvent): string {
  return `${eventTime} ${eventType} ${dbName}.${tableName}`.slice(0, 500);
}

/** Reads the cursor that a folder of HDFS carries. Throws hdfs.invalid for one that is none of ours. */
export async function readCursor(
  hdfs: Pick<WebHdfs, 'getXattrs'>,
  folder: string,
): Promise<NotificationCursor | undefined> {
  let value: Uint8Array | undefined;
  try {
    value = (await hdfs.getXattrs(folder)).get(attribute);
  } catch (error) {
    if (!isError(error, 'hdfs.not_found')) throw error;
  }
  if (value === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(value).toString('utf8')));
  } catch (cause) {
    const message = `the attribute ${attribute} of ${folder} is no cursor; without it, reading starts at the present`;
    throw new LakewardenError('hdfs.invalid', message, { details: { folder }, cause });
  }
}

/** Puts the cursor on a folder of HDFS, at once or not at all; makes the folder. */
export async function writeCursor(
  hdfs: Pick<WebHdfs, 'setXattr' | 'mkdirs'>,
  folder: string,
  { metastore, event, mark }: NotificationCursor,
): Promise<void> {
  const value = Buffer.from(JSON.stringify({ metastore, event: String(event), mark }));
  try {
    await hdfs.setXattr(folder, attribute, value);
  } catch (error) {
    if (!isError(error, 'hdfs.not_found')) throw error;
    await hdfs.mkdirs(folder, '700');
    await hdfs.setXattr(folder, attribute, value);
  }
}
