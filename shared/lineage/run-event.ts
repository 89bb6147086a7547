import type { DatasetName } from './naming.ts';
import { runIdOf } from './run-id.ts';

/** What one effect did to a table, told to systems that follow where data come from and go to. */
export interface TableEffect {
  /** What happened, as a text that is the same when it is told again. */
  readonly id: string;
  readonly time: string;
  /** The folder of the table's data. */
  readonly folder: DatasetName;
  /** The table in the catalogue. */
  readonly table: DatasetName;
  /** How the table itself changed; left out when only data came. */
  readonly change?: 'CREATE' | 'ALTER';
  /** All columns, those by which it is partitioned last; left out when they are as before. */
  readonly columns?: readonly { readonly name: string; readonly type: string; readonly comment?: string }[];
  /** What was written; a number that is not known is left out. */
  readonly written?: { readonly rows?: number; readonly bytes?: number; readonly files?: number };
}

/** Who tells it. */
export interface LineageProducer {
  /** Address that stands for the code, the same in all versions. */
  readonly producer: string;
  /** Namespace of the job: one for each deployment. */
  readonly namespace: string;
  /** The function, such as `metastore-sync`. */
  readonly function: string;
}

/** A RunEvent of OpenLineage 2-0-2, as JSON. */
export interface RunEvent {
  readonly eventType: 'START' | 'COMPLETE';
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly [];
  readonly outputs: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly facets: Facets;
    readonly outputFacets?: Facets;
  }[];
}

type Facets = Readonly<Record<string, object>>;

const specification = 'https://openlineage.io/spec';

/** The events of the run that an effect is, START and COMPLETE as the specification asks for; the same effect gives the same. */
export function describeEffect(effect: TableEffect, by: LineageProducer): [RunEvent, RunEvent] {
  const { folder, table, change, columns, written } = effect;
  const facet = (schema: string, version: string, content: object): object => ({
    _producer: by.producer,
    _schemaURL: `${specification}/facets/${version}/${schema}.json#/$defs/${schema}`,
    ...content,
  });
  const job = {
    namespace: by.namespace,
    name: `${by.function}.${table.name}`,
    facets: {
      jobType: facet('JobTypeJobFacet', '2-0-4', {
        processingType: 'BATCH',
        integration: 'LAKEWARDEN',
        jobType: 'JOB',
      }),
    },
  };
  const common = {
    eventTime: effect.time,
    producer: by.producer,
    schemaURL: `${specification}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: { runId: runIdOf(JSON.stringify([by.namespace, by.function, effect.id])) },
    job,
    inputs: [],
  } as const;
  const output = {
    ...folder,
    facets: {
      dataSource: facet('DatasourceDatasetFacet', '1-0-1', { name: folder.namespace, uri: folder.namespace }),
      symlinks: facet('SymlinksDatasetFacet', '1-0-1', { identifiers: [{ ...table, type: 'TABLE' }] }),
      ...(columns === undefined
        ? {}
        : { schema: facet('SchemaDatasetFacet', '1-2-0', { fields: columns.map(field) }) }),
      ...(change === undefined
        ? {}
        : {
            lifecycleStateChange: facet('LifecycleStateChangeDatasetFacet', '1-0-1', { lifecycleStateChange: change }),
          }),
    },
    ...(written === undefined
      ? {}
      : {
          outputFacets: {
            outputStatistics: facet('OutputStatisticsOutputDatasetFacet', '1-0-2', {
              ...(written.rows === undefined ? {} : { rowCount: written.rows }),
              ...(written.bytes === undefined ? {} : { size: written.bytes }),
              ...(written.files === undefined ? {} : { fileCount: written.files }),
            }),
          },
        }),
  };
  return [
    { eventType: 'START', ...common, outputs: [] },
    { eventType: 'COMPLETE', ...common, outputs: [output] },
  ];
}

function field({ name, type, comment }: NonNullable<TableEffect['columns']>[number]): object {
  return { name, type, ...(comment === undefined ? {} : { description: comment }) };
}
