import { z } from 'zod';
import { isError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { draftName, looksName } from '../journal/names.ts';
import type { Look } from './leftover.ts';

const count = z.int().min(0);
const schema = z.looseObject({
  version: z.literal(1),
  looks: z
    .array(z.object({ name: z.string(), fileId: count, length: count, modificationTime: count, seenAt: count }))
    .max(20_000),
});

/** What earlier runs saw in a partition; nothing when there is no record, or one that cannot be read. */
export async function readLooks(hdfs: WebHdfs, folder: string, length: number): Promise<readonly Look[]> {
  if (length > maxRecordBytes) return [];
  try {
    const bytes = await hdfs.read(childPath(folder, looksName), 0, length);
    return schema.parse(JSON.parse(Buffer.from(bytes).toString())).looks;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || isError(error, 'hdfs.not_found')) return [];
    throw error;
  }
}

const maxRecordBytes = 8 << 20;

/** Writes what was seen, in one step; removes the record when there is nothing to remember. */
export async function writeLooks(hdfs: WebHdfs, folder: string, run: string, looks: readonly Look[]): Promise<void> {
  const path = childPath(folder, looksName);
  if (looks.length === 0) {
    await hdfs.remove(path);
    return;
  }
  const draft = childPath(folder, draftName(`${run}-looks`));
  await hdfs.create(draft, new TextEncoder().encode(JSON.stringify({ version: 1, looks })));
  await hdfs.rename(draft, path, 'overwrite');
}
