import { readText } from '../bytes.ts';
import * as fields from '../field.ts';
import type { HeaderFamily } from '../header-family.ts';
import { parsePlace, replayHeaders } from '../replay-headers.ts';

/** Our own replays: which plan sent the record, how often it was sent, and which dead letter it was. */
export const lakewarden: HeaderFamily = {
  name: 'lakewarden',
  kind: 'replay',
  adds: 'behind',
  fields: {
    [replayHeaders.id]: fields.extra('plan'),
    [replayHeaders.count]: fields.attemptsText,
    [replayHeaders.origin]: fields.field(
      (bytes) => parsePlace(readText(bytes) ?? ''),
      (hop, place) => {
        Object.assign(hop.origin, place);
      },
    ),
    [replayHeaders.timestamp]: fields.timestampText,
  },
};
