import { createHash } from 'node:crypto';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { Metastore, Partition } from '#shared/hive/metastore.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import { hasColumns } from '../table/swap-table.ts';

interface Told {
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly partitions?: readonly {
    readonly name: string;
    readonly location: string;
    readonly files?: number;
    readonly bytes?: number;
  }[];
}

/**
 * What of an event is true by the metastore, for one that a killed run was about to send. Partitions that were not written yet
 * are left out: whoever writes them tells of them.
 */
export async function verifyEvent(event: CloudEventOut, metastore: Metastore): Promise<CloudEventOut | undefined> {
  const { columns, partitions } = event.data as Told;
  const [database = '', name = ''] = event.subject?.split('.') ?? [];
  const table = await metastore.table(database, name);
  if (table === undefined) return undefined;
  if (columns !== undefined) return hasColumns(table, columns) ? event : undefined;
  // What was found in names of files is true whether or not they are registered.
  if (partitions === undefined) return event;
  const bodies = await metastore.partitionsByNames(
    database,
    name,
    partitions.map((partition) => partition.name),
  );
  const keys = (table.partitionKeys ?? []).map((key) => key.name);
  const known = new Map(bodies.map((body) => [partitionName(keys, body.values ?? []), body]));
  const isTrue = (told: NonNullable<Told['partitions']>[number]): boolean => {
    const body = known.get(told.name);
    if (event.type.endsWith('.gone')) return body === undefined;
    if (body?.sd?.location !== told.location) return false;
    return event.type.endsWith('.added') || isAsTold(body, told);
  };
  const rest = partitions.filter(isTrue);
  if (rest.length === partitions.length) return event;
  if (rest.length === 0) return undefined;
  const digest = createHash('sha256')
    .update(JSON.stringify(rest.map((told) => told.name)))
    .digest('hex');
  const data = { ...(event.data as object), partitions: rest };
  return { ...event, id: `${event.id}-${digest.slice(0, 16)}`, data };
}

function isAsTold(
  { parameters }: Partition,
  { files, bytes }: { readonly files?: number; readonly bytes?: number },
): boolean {
  return parameters?.get('numFiles') === String(files) && parameters.get('totalSize') === String(bytes);
}
