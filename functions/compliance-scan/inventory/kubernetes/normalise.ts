import type { Resource } from '../../model/resource.ts';
import { metadataOnly, nameKind, type KubernetesObject, type ObjectMeta } from './kinds.ts';

/** The whole object as it was last applied, for Secrets with their data. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Where an object was seen. */
export interface Seen {
  /** The cluster's name in the settings, or the folder of manifests. */
  readonly cluster: string;
  readonly scope: string;
}

/**
 * An object of the API server or of a manifest as a resource. `status` is left out, since it says how things are going and not
 * what somebody wanted; of Secrets only metadata stays. Undefined for what is no object.
 */
export function normaliseObject(raw: unknown, seen: Seen): Resource<KubernetesObject> | undefined {
  if (!isRecord(raw) || typeof raw['apiVersion'] !== 'string' || typeof raw['kind'] !== 'string') return undefined;
  if (!isRecord(raw['metadata']) || typeof raw['metadata']['name'] !== 'string') return undefined;
  const { status: _, ...object } = raw as unknown as KubernetesObject;
  const { apiVersion, kind } = object;
  const metadata = trimMetadata(object.metadata);
  const { name, namespace, uid } = metadata;
  const kindName = nameKind(apiVersion, kind);
  const body: KubernetesObject = metadataOnly.has(kindName) ? { apiVersion, kind, metadata } : { ...object, metadata };
  const version = (metadata as { resourceVersion?: unknown }).resourceVersion;
  return {
    uid: `kubernetes/${seen.cluster}/${kindName}/${uid ?? `${namespace ?? ''}/${name}`}`,
    kind: `kubernetes.${kindName}`,
    scope: seen.scope,
    name,
    place: { cluster: seen.cluster, ...(namespace === undefined ? {} : { namespace }), apiVersion },
    labels: metadata.labels ?? {},
    ...(typeof version === 'string' ? { version } : {}),
    body,
  };
}

function trimMetadata(metadata: ObjectMeta): ObjectMeta {
  const { annotations } = metadata;
  if (!isRecord(annotations) || !Object.hasOwn(annotations, lastApplied)) return metadata;
  const { [lastApplied]: _, ...rest } = annotations;
  return { ...metadata, annotations: rest };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
