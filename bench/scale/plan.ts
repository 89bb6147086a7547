import type { Result } from '../results.ts';

/** A lake that is to be planned. */
export interface Shape {
  readonly topics: number;
  /** Partitions of all tables. */
  readonly partitions: number;
  /** Small files of all topics, each hour; a topic writes one partition each hour. */
  readonly filesPerHour: number;
  /** Looks of metastore-sync at each topic, each hour. */
  readonly looksPerHour: number;
}

/** What one piece of work costs, as benchmarks found; calls are requests over the wire. */
export interface Costs {
  /** Calls of a look at a topic's newest partitions, and milliseconds. */
  readonly look: { readonly calls: number; readonly milliseconds: number };
  /** Calls for the footer of one new file. */
  readonly footer: number;
  /** Calls of HDFS for each file that is merged, and milliseconds for a partition of 1,000. */
  readonly merge: { readonly callsPerFile: number; readonly millisecondsPer1000: number };
  /** Calls of a walk, for each partition, and milliseconds for 100,000. */
  readonly walk: { readonly callsPerPartition: number; readonly millisecondsPer100000: number };
  /** What one NameNode, and one metastore, answered each second. */
  readonly limits: { readonly nameNode: number; readonly metastore: number; readonly added: number };
}

/** One line of a plan. */
export interface PlanLine {
  readonly work: string;
  /** Each hour. */
  readonly times: number;
  /** Each second, on average over the hour. */
  readonly callsPerSecond: number;
  /** Of the NameNode's calls that were measured. */
  readonly share?: number;
  /** Requests under way all the time, each in an instance that does one thing at once. */
  readonly busy?: number;
}

/** What a lake costs by the hour. Averages: bursts at full hours are what queues and scale bounds are for. */
export function planLake(shape: Shape, costs: Costs): PlanLine[] {
  const { topics, partitions, filesPerHour, looksPerHour } = shape;
  const { look, footer, merge, walk, limits } = costs;
  const line = (work: string, times: number, callsEach: number, millisecondsEach?: number): PlanLine => {
    const callsPerSecond = (times * callsEach) / 3_600;
    const busy = millisecondsEach === undefined ? undefined : (times * millisecondsEach) / 3_600_000;
    return {
      work,
      times,
      callsPerSecond,
      share: callsPerSecond / limits.nameNode,
      ...(busy !== undefined && { busy }),
    };
  };
  const perPartition = filesPerHour / topics;
  return [
    line('metastore-sync: looks at the newest partitions', topics * looksPerHour, look.calls, look.milliseconds),
    line('metastore-sync: footers of new files', filesPerHour, footer),
    line(
      'partition-compaction: partitions merged',
      topics,
      perPartition * merge.callsPerFile,
      (perPartition / 1_000) * merge.millisecondsPer1000,
    ),
    line(
      'metastore-sync: one walk through everything, each week',
      1 / (7 * 24),
      partitions * walk.callsPerPartition,
      (partitions / 100_000) * walk.millisecondsPer100000,
    ),
  ];
}

/** Reads the costs out of results. @throws Error when a figure is not there. */
export function readCosts(results: readonly Result[]): Costs {
  const figure = (name: string, work: string): number => {
    const row = results.find((result) => result.name === name)?.rows.find((one) => one.work === work);
    if (row === undefined) throw new Error(`bench/results has no figure "${work}" of ${name}`);
    return row.ours;
  };
  const large = '100,000 partitions';
  const many = '1,000 files';
  return {
    look: {
      calls: figure('scale-partitions', `${large}: calls of the newest look`),
      milliseconds: figure('scale-partitions', `${large}: look at the newest`),
    },
    // The NameNode answers with a redirect to a DataNode.
    footer: 2,
    merge: {
      callsPerFile: figure('scale-files', `${many}: HDFS calls`) / 1_000,
      millisecondsPer1000: figure('scale-files', `${many}: event to answer`),
    },
    walk: {
      callsPerPartition: figure('scale-partitions', `${large}: calls of the walk`) / 100_000,
      millisecondsPer100000: figure('scale-partitions', `${large}: walk through all folders`),
    },
    limits: {
      nameNode: figure('scale-services', 'NameNode: status of a file'),
      metastore: figure('scale-services', 'metastore: a table'),
      added: figure('scale-services', 'metastore: partitions added, 1,000 in a call, 4 calls at once'),
    },
  };
}

/** The table of a plan, as it stands in docs/scale.md. */
export function renderPlan(shape: Shape, costs: Costs): string {
  const number = (value: number): string =>
    value.toLocaleString('en', { maximumSignificantDigits: 3, maximumFractionDigits: 2 });
  const lines = planLake(shape, costs).map(
    ({ work, times, callsPerSecond, share, busy }) =>
      `| ${work} | ${number(times)} | ${number(callsPerSecond)} | ${share === undefined ? '–' : `${number(share * 100)} %`} | ${busy === undefined ? '–' : number(busy)} |`,
  );
  return [
    '| work | each hour | calls each second | of what one NameNode answered here, if all went to it | requests under way |',
    '|---|---:|---:|---:|---:|',
    ...lines,
  ].join('\n');
}

/** The lake of docs/scale.md. */
export const largeLake: Shape = { topics: 1_000, partitions: 10_000_000, filesPerHour: 1_000_000, looksPerHour: 12 };
