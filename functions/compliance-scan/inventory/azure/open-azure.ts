import type { Source } from '../source.ts';
import { AzureSource } from './azure-source.ts';
import type { AzureSettings } from './settings.ts';

/** The network security groups of the subscriptions that the settings name; nothing is connected yet. */
export function openAzure(settings: AzureSettings): Source {
  return new AzureSource(settings);
}
