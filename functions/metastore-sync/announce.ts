import { type CloudEventOut, eventsOf } from '#shared/events/event.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import type { PlannedOffsets } from './completeness/completeness.ts';
import type { TablePlan } from './plan.ts';
import type { PlannedPartition } from './partition/planned-partition.ts';
import { isSerious, type Problem } from './problem.ts';
import { filesProperty } from './properties.ts';
import type { VanishedPartition } from './partition/vanished.ts';

/** The name that this function has in events, logs and metrics. */
export const functionName = 'metastore-sync';

/** Makes an event of metastore-sync. */
export const syncEvent = eventsOf(functionName);

/** Tells the world of effects, one CloudEvent per change; ids follow from the change, so that telling twice is harmless. */
export class Announce {
  readonly #emit: (event: CloudEventOut) => Promise<void>;
  readonly #instance: string;
  readonly #defaultFs: string;

  constructor(emit: (event: CloudEventOut) => Promise<void>, instance: string, defaultFs: string) {
    this.#emit = emit;
    this.#instance = instance;
    this.#defaultFs = defaultFs;
  }

  /** The same announcements by another way. */
  through(emit: (event: CloudEventOut) => Promise<void>): Announce {
    return new Announce(emit, this.#instance, this.#defaultFs);
  }

  /** `table.created` */
  async tableCreated(plan: TablePlan, create: NonNullable<TablePlan['create']>): Promise<void> {
    const data = {
      ...this.#about(plan),
      location: this.#location(plan.path),
      columns: create.columns,
      partitionKeys: create.keys,
      owner: create.owner,
      layout: create.layout,
    };
    await this.#send('table.created', plan, [JSON.stringify(create.columns)], data);
  }

  /** `table.evolved` */
  async tableEvolved(plan: TablePlan, evolve: NonNullable<TablePlan['evolve']>): Promise<void> {
    const { changes, columns, cascade, state } = evolve;
    await this.#send('table.evolved', plan, [state, JSON.stringify(columns)], {
      ...this.#about(plan),
      changes,
      columns,
      cascade,
    });
  }

  /** `table.conflict`, one for each file that cannot be read safely under the table's columns, or at all; passing trouble is none. */
  async conflicts(plan: TablePlan): Promise<void> {
    const files = Map.groupBy(
      plan.problems.filter(
        (problem) => isSerious(problem) && /^(file|column)\./.test(problem.code) && problem.code !== 'file.unavailable',
      ),
      (problem) => problem.path ?? '',
    );
    for (const [path, problems] of files) {
      const reasons = problems.map(({ code, message, column, found, declared, breaks }: Problem) => ({
        code,
        message,
        column,
        found,
        declared,
        breaks,
      }));
      await this.#send('table.conflict', plan, [path, JSON.stringify(reasons)], {
        ...this.#about(plan),
        path,
        reasons,
      });
    }
  }

  /** `partitions.added` */
  async partitionsAdded(plan: TablePlan, partitions: readonly PlannedPartition[]): Promise<void> {
    await this.#partitions('partitions.added', plan, partitions);
  }

  /** `partitions.changed` */
  async partitionsChanged(plan: TablePlan, partitions: readonly PlannedPartition[]): Promise<void> {
    await this.#partitions('partitions.changed', plan, partitions);
  }

  /** `partitions.gone`; a partition that vanishes again after it came back was another one, by its create time and files. */
  async partitionsGone(
    plan: TablePlan,
    gone: readonly {
      readonly partition: VanishedPartition;
      readonly body: Pick<Partition, 'createTime' | 'parameters'>;
    }[],
  ): Promise<void> {
    const partitions = gone.map(({ partition: { name, values, path, folder } }) => ({
      name,
      values,
      location: this.#location(path),
      folder,
    }));
    const idParts = gone.map(
      ({ partition: { name }, body }) => `${name} ${body.createTime} ${body.parameters?.get(filesProperty)}`,
    );
    await this.#send('partitions.gone', plan, idParts, { ...this.#about(plan), partitions });
  }

  /** `offsets.overlapped` and `data.late`: what is to be said of files that were registered. */
  async filesJudged(plan: TablePlan, { kafkaTopic, overlapped, late }: PlannedOffsets): Promise<void> {
    for (const { partition, offsets, paths } of overlapped)
      await this.#send('offsets.overlapped', plan, [kafkaTopic, partition, offsets, ...paths], {
        ...this.#about(plan),
        kafkaTopic,
        partition,
        offsets,
        locations: paths.map((path) => this.#location(path)),
      });
    for (const { name, path, files, rows } of late)
      await this.#send('data.late', plan, [name, ...files], {
        ...this.#about(plan),
        partition: name,
        location: this.#location(path),
        files,
        rows,
      });
  }

  /** `offsets.missing`, `partition.completed` and `lag.grown`: what follows from all that is registered. */
  async offsetsJudged(
    plan: TablePlan,
    { kafkaTopic, missing, completed, grown, progress }: PlannedOffsets,
  ): Promise<void> {
    const partitions = progress?.partitions ?? [];
    const about = { ...this.#about(plan), kafkaTopic };
    for (const { partition, offsets, log } of missing)
      await this.#send('offsets.missing', plan, [kafkaTopic, partition, offsets, log], {
        ...about,
        partition,
        offsets,
        log,
      });
    for (const { name, values, until } of completed) {
      const lost = partitions.filter((own) => own.lost !== undefined);
      await this.#send('partition.completed', plan, [kafkaTopic, name], {
        ...about,
        partition: name,
        values,
        until,
        lost: lost.map(({ partition, lost: offsets }) => ({ partition, offsets })),
      });
    }
    if (grown !== undefined) {
      const { records, seconds, step } = grown;
      const reached = partitions.map(({ partition, next }) => `${partition}:${next}`);
      await this.#send('lag.grown', plan, [kafkaTopic, step, ...reached], { ...about, records, seconds });
    }
  }

  async #partitions(type: string, plan: TablePlan, partitions: readonly PlannedPartition[]): Promise<void> {
    const told = partitions.map(({ name, values, path, files, bytes, rows }) => ({
      name,
      values,
      location: this.#location(path),
      files,
      bytes,
      rows,
    }));
    await this.#send(
      type,
      plan,
      partitions.map(({ name, digest }) => `${name} ${digest}`),
      { ...this.#about(plan), partitions: told },
    );
  }

  async #send(type: string, plan: TablePlan, idParts: readonly (string | number)[], data: unknown): Promise<void> {
    await this.#emit(syncEvent(this.#instance, type, data, idParts, `${plan.database}.${plan.table}`));
  }

  #about(plan: TablePlan): { topic: string; table: string } {
    return { topic: plan.topic, table: `${plan.database}.${plan.table}` };
  }

  #location(path: string): string {
    return `${this.#defaultFs}${path}`;
  }
}
