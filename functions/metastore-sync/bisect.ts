import { asError } from '#shared/errors/error.ts';

/**
 * Does work on a batch; when the service refuses the batch, on its halves, and so on down to the single items that are
 * to blame, which go to `refuse` when they are refused a second time: the metastore also refuses what collides with
 * somebody else's change of the table. Passing trouble and bugs are thrown, since smaller batches do not mend them.
 * @returns what `work` gave for each part that went through
 */
export async function bisect<Item, Result>(
  batch: readonly Item[],
  work: (batch: readonly Item[]) => Promise<Result>,
  refuse: (item: Item, error: unknown) => void,
): Promise<Result[]> {
  try {
    return [await work(batch)];
  } catch (error) {
    if (asError(error).disposition !== 'reject') throw error;
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) return await tryAgain(first, work, refuse);
    const middle = Math.ceil(batch.length / 2);
    return [
      ...(await bisect(batch.slice(0, middle), work, refuse)),
      ...(await bisect(batch.slice(middle), work, refuse)),
    ];
  }
}

async function tryAgain<Item, Result>(
  item: Item,
  work: (batch: readonly Item[]) => Promise<Result>,
  refuse: (item: Item, error: unknown) => void,
): Promise<Result[]> {
  try {
    return [await work([item])];
  } catch (error) {
    if (asError(error).disposition !== 'reject') throw error;
    refuse(item, error);
    return [];
  }
}
