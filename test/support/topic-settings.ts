import type { TopicSettings } from '#functions/metastore-sync/config.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';

/** The settings of a topic called clicks that has one key, and nothing else that is unusual. */
export const clicksSettings: TopicSettings = {
  topic: 'clicks',
  database: 'default',
  table: 'clicks',
  location: '/golden/clicks',
  templates: [parseTemplate('{year}')],
  owner: 'lakewarden',
  comment: undefined,
  kafkaTopic: 'clicks',
  adopt: false,
  allow: [],
  statistics: 'basic',
  distinctValues: false,
};
