import { z } from 'zod';
import type { CloudEventOut } from '#shared/events/event.ts';

const event = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string().optional(),
  time: z.string(),
  data: z.unknown(),
});

const file = z.looseObject({ version: z.literal(1), events: z.array(event) });

/** The text of a file of events. */
export function writeEvents(events: readonly CloudEventOut[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ version: 1, events }));
}

/** The events of a file; undefined for one that was not written to its end, or is none of ours. */
export function readEvents(bytes: Uint8Array): readonly CloudEventOut[] | undefined {
  try {
    return file.parse(JSON.parse(Buffer.from(bytes).toString())).events as unknown as CloudEventOut[];
  } catch {
    return undefined;
  }
}
