import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import { invalidEvent, readData, readOptions, unsupportedEvent } from '#shared/events/doorbell.ts';
import { toPath } from '#shared/hdfs/location.ts';
import { goldenPathsOf } from '#shared/lake/golden-path.ts';
import { functionName } from './announce.ts';
import type { Settings } from './config.ts';
import type { Problem } from './problem.ts';

/** Where a run looks: at the partitions of these paths, at the newest partitions, at what changed, or at everything. */
export type Scope =
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | {
      readonly kind: 'recent';
      readonly topics?: readonly string[] | undefined;
      readonly partitions?: number | undefined;
    }
  | { readonly kind: 'changes'; readonly topics?: readonly string[] | undefined }
  | { readonly kind: 'full'; readonly topics?: readonly string[] | undefined };

/** What an event (or the command line) asks for. */
export interface Request {
  readonly scope: Scope;
  /** Look what others changed, and sync nothing: by the metastore's log of notifications, or by comparing everything. */
  readonly errand?: 'notifications' | 'drift';
  /** Answer the plan and change nothing. */
  readonly dryRun: boolean;
  /** What was not understood and is left aside. */
  readonly problems: readonly Problem[];
}

/** The parts of a CloudEvent that say where to look. */
export interface Doorbell {
  readonly type: string;
  readonly subject?: string | undefined;
  readonly data: unknown;
}

const options = z.object({
  topics: z.array(z.string().min(1)).min(1).optional(),
  scope: z.enum(['recent', 'changes', 'full', 'notifications', 'drift']).default('recent'),
  partitions: z.int().min(1).max(10_000).optional(),
  paths: z.array(z.string().min(1)).min(1).optional(),
  dryRun: z.boolean().default(false),
});
const file = z.object({
  path: z.string().min(1).optional(),
  paths: z.array(z.string().min(1)).min(1).max(10_000).optional(),
  dryRun: z.boolean().default(false),
});
const s3 = z.object({
  s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
});
const s3Records = z.union([
  s3.transform((record) => [record]),
  z.object({ Records: z.array(s3).min(1) }).transform((data) => data.Records),
]);
const compacted = z.object({ location: z.string().min(1) });
const gcs = z.object({ bucket: z.string(), name: z.string() });
const azure = z.object({ url: z.url() });

/**
 * Reads what an event asks for. The event only says where to look; what is there is read from the lake.
 * @throws event.unsupported for a type we do not know; event.invalid for data that does not fit its type;
 * path.invalid or path.outside_root when none of the paths is of this lake
 */
export function readDoorbell(event: Doorbell, settings: Settings): Request {
  const { type } = event;
  if (type === 'dev.knative.sources.ping' || type === 'dev.lakewarden.metastore-sync.resumed')
    return readTick(event, settings);
  if (type === 'dev.lakewarden.file.closed') {
    const data = readData(file, event);
    const paths = [...(data.path === undefined ? [] : [data.path]), ...(data.paths ?? [])];
    if (paths.length === 0) throw invalidEvent(event.type, 'data.path or data.paths is missing');
    return atPaths(
      paths.map((path) => () => toPath(path, settings.hdfs)),
      settings,
      data.dryRun,
    );
  }
  if (type === 'dev.lakewarden.partition.compacted') {
    const { location } = readData(compacted, event);
    return atPaths([() => toPath(location, settings.hdfs)], settings);
  }
  if (type.startsWith('com.amazonaws.s3.') && /ObjectCreated/i.test(type)) {
    const records = readData(s3Records, event).map((record) => record.s3);
    // The key is form-encoded: a `+` is a space, and a plus is `%2B`.
    return atPaths(
      records.map(
        ({ bucket, object }) =>
          () =>
            objectPath(bucket.name, decodeName(object.key.replaceAll('+', ' '), event), settings),
      ),
      settings,
    );
  }
  if (type === 'google.cloud.storage.object.v1.finalized') {
    const data = readData(gcs, event);
    return atPaths([() => objectPath(data.bucket, data.name, settings)], settings);
  }
  if (type === 'Microsoft.Storage.BlobCreated') {
    // https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage: the url is https://account/container/blob.
    const [, container = '', ...blob] = new URL(readData(azure, event).url).pathname.split('/');
    return atPaths(
      [() => objectPath(decodeName(container, event), decodeName(blob.join('/'), event), settings)],
      settings,
    );
  }
  throw unsupportedEvent(type, functionName);
}

function readTick(event: Doorbell, settings: Settings): Request {
  const { options: asked, problems } = readOptions(options, event, functionName);
  const { topics, scope, partitions, paths, dryRun } = asked;
  if (paths !== undefined)
    return atPaths(
      paths.map((path) => () => toPath(path, settings.hdfs)),
      settings,
      dryRun,
    );
  const isErrand = scope === 'notifications' || scope === 'drift';
  return {
    scope: scope === 'recent' ? { kind: scope, topics, partitions } : { kind: isErrand ? 'full' : scope, topics },
    ...(isErrand ? { errand: scope } : {}),
    dryRun,
    problems,
  };
}

/** Asks for the paths that are of this lake; the others become problems. @throws the first reason when none is left */
function atPaths(resolvers: readonly (() => string)[], settings: Settings, dryRun = false): Request {
  const { paths, problems } = goldenPathsOf(settings.root, resolvers);
  return { scope: { kind: 'paths', paths }, dryRun, problems };
}

/** The lake path of an object, by the longest prefix that the settings map for its bucket; without a map, its own name. */
function objectPath(bucket: string, key: string, settings: Settings): string {
  if (settings.objectStores.length === 0) return toPath(`/${key}`, settings.hdfs);
  const [store] = settings.objectStores
    .filter((candidate) => candidate.bucket === bucket && key.startsWith(candidate.prefix))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  if (store === undefined) {
    throw new LakewardenError(
      'path.outside_root',
      `no objectStores setting maps ${JSON.stringify(key)} of bucket ${JSON.stringify(bucket)} to the lake`,
      { details: { bucket, key } },
    );
  }
  return toPath(`${store.path.replace(/\/$/, '')}/${key.slice(store.prefix.length)}`, settings.hdfs);
}

function decodeName(name: string, event: Doorbell): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw invalidEvent(event.type, `the object name ${JSON.stringify(name)} is not percent-encoded rightly`);
  }
}
