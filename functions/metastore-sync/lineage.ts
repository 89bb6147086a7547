import type { CloudEventOut } from '#shared/events/event.ts';
import { LineageTeller } from '#shared/lineage/client.ts';
import { folderName, tableName } from '#shared/lineage/naming.ts';
import { describeEffect, type TableEffect } from '#shared/lineage/run-event.ts';
import { functionName } from './announce.ts';
import { readTokenFile } from '#shared/config/token-file.ts';
import type { Settings } from './config.ts';
import type { PlannedColumn } from './plan.ts';
import type { PlannedPartition } from './partition/planned-partition.ts';
import { topicSettings } from './topics.ts';

const producer = `https://lakewarden.dev/functions/${functionName}`;

/** The lineage of one run: it is told of each of our events, and passes on those that are effects on tables. */
export class Lineage {
  readonly #settings: Settings;
  readonly #namespace: string;
  readonly #teller: LineageTeller;

  constructor(settings: Settings, { url, tokenFile, namespace, deadlineSeconds }: NonNullable<Settings['lineage']>) {
    this.#settings = settings;
    this.#namespace = namespace;
    const token = tokenFile === undefined ? undefined : () => readTokenFile(tokenFile, 'sink.unavailable');
    this.#teller = new LineageTeller({ url, token, deadlineMs: deadlineSeconds * 1_000 });
  }

  /** Takes an event and returns at once. */
  tell(event: CloudEventOut): void {
    const effect = effectOf(event, this.#settings);
    if (effect !== undefined)
      this.#teller.tell(describeEffect(effect, { producer, namespace: this.#namespace, function: functionName }));
  }

  /** Waits for what is not told yet, a bounded time; never throws. */
  settle(signal?: AbortSignal): ReturnType<LineageTeller['settle']> {
    return this.#teller.settle(signal);
  }
}

/** The lineage of a run where the settings ask for it. */
export function openLineage(settings: Settings): Lineage | undefined {
  return settings.lineage === undefined ? undefined : new Lineage(settings, settings.lineage);
}

/** The effect on a table that an event of ours tells of; undefined when it tells of none. */
export function effectOf(event: CloudEventOut, settings: Settings): TableEffect | undefined {
  const kind = event.type.slice('dev.lakewarden.'.length);
  if (!isEffect(kind)) return undefined;
  const { topic, table, ...data } = event.data as EventData;
  const { location, templates } = topicSettings(settings, topic);
  const keys = (templates[0]?.keys ?? []).map(({ name, type }) => ({ name, type }));
  return {
    id: `${event.source} ${event.id}`,
    time: event.time,
    folder: folderName(settings.hdfs.defaultFs, location),
    table: tableName(settings.metastore.uris[0] ?? '', table),
    ...effects[kind](data, keys),
  };
}

/** What events/ says of the data of the events below. */
interface EventData {
  readonly topic: string;
  readonly table: string;
  readonly columns?: readonly PlannedColumn[];
  readonly partitions?: readonly Pick<PlannedPartition, 'files' | 'bytes' | 'rows'>[];
}

type Part = Pick<TableEffect, 'change' | 'columns' | 'written'>;

const effects = {
  'table.created': ({ columns = [] }, keys) => ({ change: 'CREATE', columns: [...columns, ...keys] }),
  'table.evolved': ({ columns = [] }, keys) => ({ change: 'ALTER', columns: [...columns, ...keys] }),
  'partitions.added': ({ partitions = [] }) => ({
    written: { rows: sum(partitions, 'rows'), bytes: sum(partitions, 'bytes'), files: sum(partitions, 'files') },
  }),
  // Only the footers of new files were read, so the rows of the partition are not known.
  'partitions.changed': ({ partitions = [] }) => ({
    written: { bytes: sum(partitions, 'bytes'), files: sum(partitions, 'files') },
  }),
  'partitions.gone': () => ({ change: 'ALTER' }),
} as const satisfies Record<string, (data: Omit<EventData, 'topic' | 'table'>, keys: readonly PlannedColumn[]) => Part>;

function isEffect(kind: string): kind is keyof typeof effects {
  return Object.hasOwn(effects, kind);
}

function sum(partitions: NonNullable<EventData['partitions']>, measure: 'files' | 'bytes' | 'rows'): number {
  return partitions.reduce((total, partition) => total + partition[measure], 0);
}
