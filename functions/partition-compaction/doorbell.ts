import { z } from 'zod';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import { toPath } from '#shared/hdfs/location.ts';
import { splitGoldenPath } from '#shared/lake/golden-path.ts';
import type { Settings } from './config.ts';
import type { Problem } from './problem.ts';

/** Where a run looks: at the partitions of these paths, at the newest ones of topics, or at all of them. */
export type Scope =
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | {
      readonly kind: 'recent';
      readonly topics?: readonly string[] | undefined;
      readonly partitions?: number | undefined;
    }
  | { readonly kind: 'full'; readonly topics?: readonly string[] | undefined };

/** What an event (or the command line) asks for. */
export interface Request {
  readonly scope: Scope;
  /** Answer the plan and change nothing. */
  readonly dryRun: boolean;
  /** What was not understood and is left aside. */
  readonly problems: readonly Problem[];
}

/** The parts of a CloudEvent that say where to look. */
export interface Doorbell {
  readonly type: string;
  readonly data: unknown;
}

const names = z.array(z.string().min(1)).min(1);
const options = z.object({
  topics: names.optional(),
  scope: z.enum(['recent', 'full']).default('recent'),
  partitions: z.int().min(1).max(10_000).optional(),
  dryRun: z.boolean().default(false),
});
const places = z.object({ paths: names.max(10_000), dryRun: z.boolean().default(false) });
const partitions = z.object({ topic: z.string().min(1) });

/**
 * Reads what an event asks for. The event only says where to look; what is there is read from the lake.
 * @throws event.unsupported for a type we do not know; event.invalid for data that does not fit its type;
 * path.invalid or path.outside_root when none of the paths is of this lake
 */
export function readDoorbell(event: Doorbell, settings: Settings): Request {
  switch (event.type) {
    case 'dev.knative.sources.ping':
      return readOptions(event);
    case 'dev.lakewarden.partitions.added':
    case 'dev.lakewarden.partitions.changed':
      // A partition that was just written to is not closed: those before it may be by now.
      return { scope: { kind: 'recent', topics: [parse(partitions, event).topic] }, dryRun: false, problems: [] };
    case 'dev.lakewarden.compaction.requested':
    case 'dev.lakewarden.partition-compaction.resumed':
      return readPlaces(event, settings);
    default:
      throw new LakewardenError(
        'event.unsupported',
        `partition-compaction does not act on events of type ${JSON.stringify(event.type)}`,
        { details: { type: event.type } },
      );
  }
}

function readOptions(event: Doorbell): Request {
  const given = event.data ?? {};
  const { topics, scope, partitions: count, dryRun } = parse(options, { ...event, data: given });
  const unknown = Object.keys(given).filter((key) => !(key in options.shape));
  return {
    scope: scope === 'recent' ? { kind: scope, topics, partitions: count } : { kind: scope, topics },
    dryRun,
    problems: unknown.map((key) => ({
      code: 'event.option',
      message: `data.${key} is not an option of partition-compaction (${Object.keys(options.shape).join(', ')}) and was left aside`,
    })),
  };
}

function readPlaces(event: Doorbell, settings: Settings): Request {
  const data = parse(places, event);
  const paths = new Set<string>();
  const refusals: LakewardenError[] = [];
  for (const location of data.paths) {
    try {
      const path = toPath(location, settings.hdfs);
      splitGoldenPath(settings.root, path);
      paths.add(path);
    } catch (error) {
      if (!isError(error, 'path.invalid', 'path.outside_root')) throw error;
      refusals.push(error);
    }
  }
  if (paths.size === 0 && refusals[0] !== undefined) throw refusals[0];
  const problems = refusals.map(({ message }): Problem => ({ code: 'path.outside', message }));
  return { scope: { kind: 'paths', paths: [...paths] }, dryRun: data.dryRun, problems };
}

function parse<Schema extends z.ZodType>(schema: Schema, event: Doorbell): z.output<Schema> {
  const result = schema.safeParse(event.data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const reason = `${['data', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`;
  throw new LakewardenError('event.invalid', `the ${event.type} event cannot be used: ${reason}`, {
    details: { type: event.type },
  });
}
