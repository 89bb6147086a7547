import type { Partition, Table } from '#shared/hive/metastore.ts';
import type { Notification } from '#shared/hive/notification.ts';
import { scrub } from '#shared/observe/scrub.ts';

/** One thing that is another than before; undefined is absent. */
export interface NotedChange {
  /** `column id`, `parameter discover.partitions`, `location`, … */
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
}

const mostChanges = 50;
const longestValue = 200;
const order = 'order of columns';
// Each alter sets them.
const silent = new Set(['transient_lastDdlTime', 'last_modified_time', 'last_modified_by']);

/** What an alter changed, at most 50 things with shortened values; of several partitions the first one stands for all. */
export function describeChanges({ before, after, partitions: [partition] }: Notification): NotedChange[] {
  const [from, to] = before === undefined ? [partition?.before, partition?.after] : [before, after];
  if (from === undefined || to === undefined) return [];
  const [old, now] = [traits(from), traits(to)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((what) => old.get(what) !== now.get(what));
  // A column that came or went says more than the order that follows from it.
  const isOther = changed.some((what) => what.startsWith('column ') && !(old.has(what) && now.has(what)));
  return changed
    .filter((what) => !isOther || what !== order)
    .slice(0, mostChanges)
    .map((what) => ({ what, ...shorten('before', what, old.get(what)), ...shorten('after', what, now.get(what)) }));
}

/** Who made a change, as Hive notes it down; other writers tell nobody. */
export function whoChanged({ type, before, after }: Notification): string | undefined {
  if (type === 'CREATE_TABLE') return after?.owner;
  const [then, now] = [before, after].map((table) => table?.parameters?.get('last_modified_time'));
  if (before === undefined || now === undefined || then === now) return undefined;
  return after?.parameters?.get('last_modified_by')?.slice(0, longestValue);
}

function traits(body: Table | Partition): Map<string, string> {
  const { sd, parameters } = body;
  const table: Partial<Table> = 'partitionKeys' in body ? body : {};
  const columns = (sd?.cols ?? []).map(({ name, type }) => [`column ${name}`, type] as const);
  const others = Object.entries({
    [order]: (sd?.cols ?? []).map(({ name }) => name).join(' '),
    name: table.tableName,
    owner: table.owner,
    'type of table': table.tableType,
    location: sd?.location,
    'input format': sd?.inputFormat,
    'output format': sd?.outputFormat,
    serde: sd?.serdeInfo?.serializationLib,
  }).flatMap(([what, value]) => (value === undefined ? [] : [[what, value] as const]));
  const own = [...(parameters ?? [])].filter(([name]) => !silent.has(name));
  return new Map([...others, ...columns, ...own.map(([name, value]) => [`parameter ${name}`, value] as const)]);
}

function shorten(side: 'before' | 'after', what: string, value: string | undefined): object {
  if (value === undefined) return {};
  const shown = /password|secret|token|credential|access.?key/i.test(what) ? '***' : scrub(value);
  return { [side]: shown.slice(0, longestValue).toWellFormed() };
}
