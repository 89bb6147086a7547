import { z } from 'zod';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import { toPath } from '#shared/hdfs/location.ts';
import { splitGoldenPath } from '#shared/lake/golden-path.ts';
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
    return readOptions(event, settings);
  if (type === 'dev.lakewarden.file.closed') {
    const data = parse(file, event);
    const paths = [...(data.path === undefined ? [] : [data.path]), ...(data.paths ?? [])];
    if (paths.length === 0) throw invalid(event, 'data.path or data.paths is missing');
    return atPaths(
      paths.map((path) => () => toPath(path, settings.hdfs)),
      settings,
      data.dryRun,
    );
  }
  if (type === 'dev.lakewarden.partition.compacted') {
    const { location } = parse(compacted, event);
    return atPaths([() => toPath(location, settings.hdfs)], settings);
  }
  if (type.startsWith('com.amazonaws.s3.') && /ObjectCreated/i.test(type)) {
    const records = parse(s3Records, event).map((record) => record.s3);
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
    const data = parse(gcs, event);
    return atPaths([() => objectPath(data.bucket, data.name, settings)], settings);
  }
  if (type === 'Microsoft.Storage.BlobCreated') {
    // https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage: the url is https://account/container/blob.
    const [, container = '', ...blob] = new URL(parse(azure, event).url).pathname.split('/');
    return atPaths(
      [() => objectPath(decodeName(container, event), decodeName(blob.join('/'), event), settings)],
      settings,
    );
  }
  throw new LakewardenError(
    'event.unsupported',
    `metastore-sync does not act on events of type ${JSON.stringify(type)}`,
    { details: { type } },
  );
}

function readOptions(event: Doorbell, settings: Settings): Request {
  const given = event.data ?? {};
  const { topics, scope, partitions, paths, dryRun } = parse(options, { ...event, data: given });
  if (paths !== undefined)
    return atPaths(
      paths.map((path) => () => toPath(path, settings.hdfs)),
      settings,
      dryRun,
    );
  const isErrand = scope === 'notifications' || scope === 'drift';
  const unknown = Object.keys(given).filter((key) => !(key in options.shape));
  return {
    scope: scope === 'recent' ? { kind: scope, topics, partitions } : { kind: isErrand ? 'full' : scope, topics },
    ...(isErrand ? { errand: scope } : {}),
    dryRun,
    problems: unknown.map((key) => ({
      code: 'event.option',
      message: `data.${key} is not an option of metastore-sync (${Object.keys(options.shape).join(', ')}) and was left aside`,
    })),
  };
}

/** Asks for the paths that are of this lake; the others become problems. @throws the first reason when none is left */
function atPaths(resolvers: readonly (() => string)[], settings: Settings, dryRun = false): Request {
  const paths = new Set<string>();
  const refusals: LakewardenError[] = [];
  for (const resolve of resolvers) {
    try {
      const path = resolve();
      splitGoldenPath(settings.root, path);
      paths.add(path);
    } catch (error) {
      if (!isError(error, 'path.invalid', 'path.outside_root', 'event.invalid')) throw error;
      refusals.push(error);
    }
  }
  if (paths.size === 0 && refusals[0] !== undefined) throw refusals[0];
  const problems = refusals.map(({ message }): Problem => ({ code: 'path.outside', message }));
  return { scope: { kind: 'paths', paths: [...paths] }, dryRun, problems };
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
    throw invalid(event, `the object name ${JSON.stringify(name)} is not percent-encoded rightly`);
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, event: Doorbell): z.output<Schema> {
  const result = schema.safeParse(event.data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(event, `${['data', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`);
}

function invalid(event: Doorbell, reason: string): LakewardenError {
  return new LakewardenError('event.invalid', `the ${event.type} event cannot be used: ${reason}`, {
    details: { type: event.type },
  });
}
