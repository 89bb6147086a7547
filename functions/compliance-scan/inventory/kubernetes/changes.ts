import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Resource } from '../../model/resource.ts';
import type { Change } from '../source.ts';
import { builtInTypes, nameKind, type KubernetesObject } from './kinds.ts';
import { normaliseObject } from './normalise.ts';
import { scopeId } from './scope.ts';

const eventType = /^dev\.knative\.apiserver\.(resource|ref)\.(add|update|delete)$/;

/** Objects that beat like hearts or only mirror others; no rule could say anything of them. */
const restless = new Set([
  'Lease.coordination.k8s.io',
  'Event',
  'Event.events.k8s.io',
  'Endpoints',
  'EndpointSlice.discovery.k8s.io',
]);

/** Whose events a source takes. */
export interface EventTarget {
  readonly cluster: string;
  /** The cluster's address as its events name it; undefined takes all, for people with one cluster. */
  readonly eventSource?: string | undefined;
  /** Set where only these namespaces are listed. */
  readonly namespaces?: readonly string[] | undefined;
}

/**
 * What an event of Knative's ApiServerSource says: `resource` events carry the object, `ref` events only say which it is. An
 * update of nothing but the status cannot be told from others by the event alone (whoever removes a field leaves no time in
 * managedFields), so it is judged like any other, without a call, and ends in the findings that there already were.
 */
export function readChanges(event: CloudEventIn, target: EventTarget): Change[] | undefined {
  const [, mode, verb] = eventType.exec(event.type) ?? [];
  if (mode === undefined || verb === undefined) return undefined;
  if (target.eventSource !== undefined && target.eventSource !== event.source) return undefined;
  const named = readReference(event);
  if (named === undefined) return [];
  const { apiVersion, kind, name, namespace } = named;
  const kindName = nameKind(apiVersion, kind);
  if (restless.has(kindName)) return [];
  if (target.namespaces !== undefined && namespace !== undefined && !target.namespaces.includes(namespace)) return [];
  const scope = scopeId(target.cluster, target.namespaces === undefined ? undefined : namespace, kindName);
  const resource = mode === 'resource' ? normaliseObject(event.data, { cluster: target.cluster, scope }) : undefined;
  const listed = resource !== undefined && isAsListed(resource, kindName);
  return [
    {
      reference: {
        kind: `kubernetes.${kindName}`,
        scope,
        ...(hasUid(resource) ? { uid: resource.uid } : {}),
        name,
        place: { cluster: target.cluster, ...(namespace === undefined ? {} : { namespace }) },
      },
      deleted: verb === 'delete',
      ...(listed && verb !== 'delete' ? { resource } : {}),
      happening: `kubernetes/${verb}`,
    },
  ];
}

interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined for what lives in no namespace: events then hold an empty text. */
  readonly namespace?: string;
}

/** Both modes name the object in the data; the extensions say the same, and serve where the data was lost on the way. */
function readReference({ data, extensions }: CloudEventIn): Named | undefined {
  const object = isRecord(data) ? data : {};
  const metadata = isRecord(object['metadata']) ? object['metadata'] : object;
  const pick = (value: unknown, extension: string): string | undefined => {
    const text = typeof value === 'string' && value !== '' ? value : extensions[extension];
    return text === '' ? undefined : text;
  };
  const apiVersion = pick(object['apiVersion'], 'apiversion');
  const kind = pick(object['kind'], 'kind');
  const name = pick(metadata['name'], 'name');
  const namespace = pick(metadata['namespace'], 'namespace');
  if (apiVersion === undefined || kind === undefined || name === undefined) return undefined;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** A source may watch another version than the one that is listed; such an object is read again. */
function isAsListed(resource: Resource<KubernetesObject>, kindName: string): boolean {
  const type = builtInTypes.get(kindName);
  return hasUid(resource) && (type === undefined || type.apiVersion === resource.body.apiVersion);
}

function hasUid(resource: Resource<KubernetesObject> | undefined): resource is Resource<KubernetesObject> {
  return resource?.body.metadata.uid !== undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
