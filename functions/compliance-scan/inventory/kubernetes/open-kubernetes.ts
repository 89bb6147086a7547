import type { Source } from '../source.ts';
import { KubernetesSource } from './kubernetes-source.ts';
import type { KubernetesSettings } from './settings.ts';

/** The objects of the cluster that the settings describe; nothing is connected yet. */
export function openKubernetes(settings: KubernetesSettings): Source {
  return new KubernetesSource(settings);
}
