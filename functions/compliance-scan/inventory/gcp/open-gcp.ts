import type { Source } from '../source.ts';
import { GcpSource } from './gcp-source.ts';
import type { GcpSettings } from './settings.ts';

/** The firewalls of the projects that the settings name; nothing is connected yet. */
export function openGcp(settings: GcpSettings): Source {
  return new GcpSource(settings);
}
