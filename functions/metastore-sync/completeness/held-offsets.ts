import pLimit from 'p-limit';
import { isError } from '#shared/errors/error.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { formatHeld, holdOffsets, offsetsOf, parseHeld } from './offsets.ts';
import { pathAt } from '../survey/place.ts';
import { offsetsProperty } from '../properties.ts';
import type { Clients } from '../survey.ts';
import type { AccountedPartition } from '../view.ts';

/** What a registered partition's files hold, by its parameter, or else by their names; empty when neither tells. */
export function heldBy(
  { parameters }: Partition,
  files: readonly { readonly name: string }[],
  kafkaTopic: string,
): string {
  const kept = parameters?.get(offsetsProperty);
  if (kept !== undefined && parseHeld(kept) !== undefined) return kept;
  return formatHeld(holdOffsets(files.flatMap((file) => offsetsOf(file, kafkaTopic) ?? [])));
}

/** What the files of each registered partition hold; where a partition does not say it, its folder is listed. */
export async function readHeldOffsets(
  { hdfs, metastore }: Clients,
  settings: Settings,
  topic: TopicSettings,
): Promise<AccountedPartition[]> {
  const limit = pLimit(settings.concurrency);
  const list = async (path: string): Promise<{ name: string }[]> => {
    const files: { name: string }[] = [];
    try {
      for await (const { name, type, length } of hdfs.list(path))
        if (type === 'FILE' && length > 0 && !isHiddenName(name)) files.push({ name });
    } catch (error) {
      if (!isError(error, 'hdfs.access_denied', 'hdfs.not_found')) throw error;
    }
    return files;
  };
  const read = async (body: Partition): Promise<AccountedPartition> => {
    const path = pathAt(body.sd?.location, settings.hdfs);
    const kept = parseHeld(body.parameters?.get(offsetsProperty) ?? '?') !== undefined;
    const files = kept || path === undefined ? [] : await list(path);
    return { path: path ?? '', values: body.values ?? [], offsets: heldBy(body, files, topic.kafkaTopic) };
  };
  const partitions: AccountedPartition[] = [];
  const names = await metastore.partitionNames(topic.database, topic.table);
  for (let start = 0; start < names.length; start += settings.partitionsPerCall) {
    const batch = names.slice(start, start + settings.partitionsPerCall);
    const bodies = await metastore.partitionsByNames(topic.database, topic.table, batch);
    partitions.push(...(await Promise.all(bodies.map((body) => limit(() => read(body))))));
  }
  return partitions.filter(({ offsets }) => offsets !== '');
}
