import * as fields from '../field.ts';
import type { HeaderFamily } from '../header-family.ts';

const extensions = {
  knativeerrordest: fields.component,
  knativeerrorcode: fields.code,
  knativeerrordata: fields.cutBase64Message,
};

/**
 * Knative's dead letter sink: extensions of the event, as headers of the CloudEvents binding for Kafka, or by bare names. The
 * data are Base64, which Go's dispatcher cuts at 1,024 characters.
 */
export const knative: HeaderFamily = {
  name: 'knative',
  kind: 'failure',
  adds: 'behind',
  fields: {
    ...Object.fromEntries(Object.entries(extensions).map(([name, field]) => [`ce_${name}`, field])),
    ...extensions,
  },
};
