import { z } from 'zod';
import { readData, readOptions, unsupportedEvent } from '#shared/events/doorbell.ts';
import { toPath } from '#shared/hdfs/location.ts';
import { goldenPathsOf } from '#shared/lake/golden-path.ts';
import { functionName } from './announce.ts';
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
      return readTick(event);
    case 'dev.lakewarden.partitions.added':
    case 'dev.lakewarden.partitions.changed':
      // A partition that was just written to is not closed: those before it may be by now.
      return { scope: { kind: 'recent', topics: [readData(partitions, event).topic] }, dryRun: false, problems: [] };
    case 'dev.lakewarden.compaction.requested':
    case 'dev.lakewarden.partition-compaction.resumed':
      return readPlaces(event, settings);
    default:
      throw unsupportedEvent(event.type, functionName);
  }
}

function readTick(event: Doorbell): Request {
  const { options: asked, problems } = readOptions(options, event, functionName);
  const { topics, scope, partitions: count, dryRun } = asked;
  return {
    scope: scope === 'recent' ? { kind: scope, topics, partitions: count } : { kind: scope, topics },
    dryRun,
    problems,
  };
}

function readPlaces(event: Doorbell, settings: Settings): Request {
  const data = readData(places, event);
  const resolvers = data.paths.map((location) => () => toPath(location, settings.hdfs));
  const { paths, problems } = goldenPathsOf(settings.root, resolvers);
  return { scope: { kind: 'paths', paths }, dryRun: data.dryRun, problems };
}
