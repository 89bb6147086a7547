import { isError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { keepName } from './names.ts';

const text = 'partition-compaction merges nothing here since an undo; lakewarden compact allow ends this\n';

/** Marks a partition so that nothing in it is merged until `allowMerges`. */
export async function keepPieces(folder: string, hdfs: WebHdfs): Promise<void> {
  try {
    await hdfs.create(childPath(folder, keepName), Buffer.from(text));
  } catch (error) {
    if (!isError(error, 'hdfs.exists')) throw error;
  }
}

/** Takes the mark away. @returns false when there was none */
export async function allowMerges(folder: string, hdfs: WebHdfs): Promise<boolean> {
  return hdfs.remove(childPath(folder, keepName));
}
