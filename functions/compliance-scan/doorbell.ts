import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import { readData, readOptions } from '#shared/events/doorbell.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { functionName } from './announce.ts';
import type { Source } from './inventory/source.ts';
import type { Problem } from './problem.ts';
import type { FoundChange } from './scan/look-at-changes.ts';
import type { SweepRequest } from './scan/sweep.ts';

/** What an event asks for: to sweep, or to look at what it says has changed. */
export type Request =
  | {
      readonly kind: 'sweep';
      readonly request: SweepRequest;
      /** Answer what would be told, and change nothing. */
      readonly dryRun: boolean;
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'changes'; readonly changes: readonly FoundChange[] };

const names = z.array(z.string().min(1).max(1_000)).min(1).max(100_000);
const options = z.object({
  rules: names.optional(),
  kinds: names.optional(),
  scopes: names.optional(),
  dryRun: z.boolean().default(false),
});
const continued = z.object({
  scopes: names,
  rules: names.optional(),
  kinds: names.optional(),
  continues: z.object({ complete: z.boolean(), usedWaivers: z.array(z.string()).max(100_000) }).optional(),
});

/**
 * Reads what an event asks for. It only says where to look; resources are read from their systems.
 * @throws event.unsupported for a type that neither we nor any of the systems know, event.invalid for data that does not fit
 */
export function readDoorbell(event: CloudEventIn, sources: readonly Source[]): Request {
  switch (event.type) {
    case 'dev.knative.sources.ping':
    case 'dev.lakewarden.scan.requested':
      return readTick(event);
    case 'dev.lakewarden.compliance-scan.resumed':
      return { kind: 'sweep', request: readData(continued, event), dryRun: false, problems: [] };
    default:
      return readChanges(event, sources);
  }
}

function readTick(event: CloudEventIn): Request {
  const { options: asked, problems } = readOptions(options, event, functionName);
  const { dryRun, ...request } = asked;
  return { kind: 'sweep', request, dryRun, problems };
}

function readChanges(event: CloudEventIn, sources: readonly Source[]): Request {
  const found = sources.map((source) => source.changes(event)?.map((change) => ({ source, change })));
  const known = found.filter((changes) => changes !== undefined);
  if (known.length > 0) return { kind: 'changes', changes: known.flat() };
  throw new LakewardenError(
    'event.unsupported',
    `no system of the settings knows events of type ${JSON.stringify(event.type.slice(0, 200))}`,
  );
}
