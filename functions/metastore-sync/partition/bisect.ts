import { asError, LakewardenError } from '#shared/errors/error.ts';

/** So many single items refused, and nothing taken in between, tell of trouble behind the service and not of the items. */
const refusedAtMost = 16;

/**
 * Does work on a batch; when the service refuses the batch, on its halves, and so on down to the single items that are
 * to blame, which go to `refuse` when they are refused a second time: the metastore also refuses what collides with
 * somebody else's change of the table. Passing trouble and bugs are thrown, since smaller batches do not mend them.
 * @returns what `work` gave for each part that went through
 * @throws metastore.unavailable when so many are refused one after the other that something else must be to blame
 */
export async function bisect<Item, Result>(
  batch: readonly Item[],
  work: (batch: readonly Item[]) => Promise<Result>,
  refuse: (item: Item, error: unknown) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  let refusedInARow = 0;
  /** What the service has against it, or undefined when it went through. */
  const refusal = async (part: readonly Item[]): Promise<unknown> => {
    try {
      results.push(await work(part));
      refusedInARow = 0;
      return undefined;
    } catch (error) {
      if (asError(error).disposition !== 'reject') throw error;
      return error;
    }
  };
  const divide = async (part: readonly Item[]): Promise<void> => {
    if ((await refusal(part)) === undefined) return;
    const [first] = part;
    if (part.length === 1 && first !== undefined) {
      const error = await refusal(part);
      if (error === undefined) return;
      refuse(first, error);
      refusedInARow += 1;
      if (refusedInARow === refusedAtMost) throw trouble(error);
      return;
    }
    const items = part === batch ? scatter(part) : part;
    const middle = Math.ceil(items.length / 2);
    await divide(items.slice(0, middle));
    await divide(items.slice(middle));
  };
  await divide(batch);
  return results;
}

/** The items in an order in which neighbours come from far apart, so that a stretch of bad ones does not look like trouble. */
function scatter<Item>(items: readonly Item[]): Item[] {
  const goldenRatio = (Math.sqrt(5) - 1) / 2;
  return items
    .map((item, index) => ({ item, place: (index * goldenRatio) % 1 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function trouble(cause: unknown): LakewardenError {
  const message = `the metastore refused ${refusedAtMost} partitions one after the other, as if it were in trouble itself: ${asError(cause).message}`;
  return new LakewardenError('metastore.unavailable', message, { cause });
}
