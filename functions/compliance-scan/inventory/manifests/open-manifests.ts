import type { Source } from '../source.ts';
import { ManifestsSource } from './manifests-source.ts';
import type { ManifestsSettings } from './settings.ts';

/** The objects in a folder of manifests; nothing is read yet. */
export function openManifests(settings: ManifestsSettings): Source {
  return new ManifestsSource(settings);
}
