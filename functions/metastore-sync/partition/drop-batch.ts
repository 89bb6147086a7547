import { isError } from '#shared/errors/error.ts';
import { lastName } from '#shared/hdfs/path.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import type { Folders } from '#shared/hdfs/partition-folders.ts';
import { type BatchTarget, nameOf } from './partition-batch.ts';
import { liesAt } from '../survey/place.ts';
import type { Problem } from '../problem.ts';
import type { VanishedPartition } from './vanished.ts';

/**
 * Drops partitions from the metastore that are still registered where they vanished, and whose folders a second look does
 * not find either; announces and counts them. Files are never touched.
 */
export async function dropBatch(
  { plan, table, tools, report }: BatchTarget,
  batch: readonly VanishedPartition[],
): Promise<number> {
  const { metastore, hdfs } = tools.clients;
  const wanted = new Map(batch.map((vanished) => [vanished.name, vanished]));
  const bodies = await metastore.partitionsByNames(plan.database, plan.table, [...wanted.keys()]);
  const look = new SecondLook(hdfs, plan.path);
  const gone: { partition: VanishedPartition; body: Partition }[] = [];
  for (const body of bodies) {
    const partition = wanted.get(nameOf(table, body));
    if (partition === undefined || !liesAt(body.sd?.location, partition.path, tools.settings.hdfs)) continue;
    const objection = await look.objection(partition);
    if (objection === undefined) gone.push({ partition, body });
    else report({ topic: plan.topic, table: `${plan.database}.${plan.table}`, path: partition.path, ...objection });
  }
  if (gone.length === 0) return 0;
  const names = gone.map(({ partition }) => partition.name);
  await metastore.dropPartitions(plan.database, plan.table, names, { deleteData: false });
  await tools.announce.partitionsGone(plan, gone);
  return gone.length;
}

/** Looks again for folders, by the listings of what they lie in; each listing is made once. */
class SecondLook {
  readonly #hdfs: Folders;
  readonly #top: string;
  readonly #listings = new Map<string, Promise<ReadonlyMap<string, number> | undefined>>();

  constructor(hdfs: Folders, top: string) {
    this.#hdfs = hdfs;
    this.#top = top;
  }

  /** Why the partition must stay, or undefined when its folder is gone (or still empty) beyond doubt. */
  async objection({ name, path, folder }: VanishedPartition): Promise<Pick<Problem, 'code' | 'message'> | undefined> {
    try {
      const entries = await this.#find(path);
      if (entries === undefined || (folder === 'empty' && entries === 0)) return undefined;
      return { code: 'partition.kept', message: `${name} stays registered: ${path} is there again` };
    } catch (error) {
      if (!isError(error, 'hdfs.access_denied', 'hdfs.not_found')) throw error;
      const code = error.code === 'hdfs.not_found' ? 'partition.kept' : 'folder.unreadable';
      return { code, message: `${name} stays registered: ${error.message}` };
    }
  }

  /** How many entries a folder has; undefined when it, or what it lay in, is not there. @throws hdfs.not_found when the topic's own folder is not. */
  async #find(path: string): Promise<number | undefined> {
    const parent = path.slice(0, path.lastIndexOf('/'));
    const listing = await this.#list(parent);
    if (listing !== undefined) return listing.get(lastName(path));
    if ((await this.#find(parent)) === undefined) return undefined;
    // It was made between two listings.
    return 1;
  }

  #list(path: string): Promise<ReadonlyMap<string, number> | undefined> {
    const known = this.#listings.get(path) ?? this.#read(path);
    this.#listings.set(path, known);
    return known;
  }

  async #read(path: string): Promise<ReadonlyMap<string, number> | undefined> {
    const names = new Map<string, number>();
    try {
      for await (const { name, childrenNum } of this.#hdfs.list(path)) names.set(name, childrenNum);
      return names;
    } catch (error) {
      if (isError(error, 'hdfs.not_found') && path !== this.#top) return undefined;
      throw error;
    }
  }
}
