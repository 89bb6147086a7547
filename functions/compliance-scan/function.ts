import type { FunctionDefinition } from '#shared/host/function.ts';
import { functionName } from './announce.ts';
import { settingsSchema } from './config.ts';
import { readDoorbell } from './doorbell.ts';
import { createScanMetrics } from './metrics.ts';
import { runChanges, runSweep } from './run.ts';
import { FollowUp } from './scan/follow-up.ts';
import { openScan } from './scan/open-scan.ts';

/** compliance-scan: finds what is open, unowned, unencrypted or changed by hand, in all systems of a lake. */
export const complianceScan: FunctionDefinition<typeof settingsSchema> = {
  name: functionName,
  settings: settingsSchema,
  async start(settings, { metrics, instance }) {
    const open = await openScan(settings);
    const count = createScanMetrics(metrics, open.rules);
    const site = { open, count, instance, followUp: new FollowUp(settings.limits.followUpSeconds * 1_000) };
    return {
      handle(call) {
        const request = readDoorbell(call.event, open.sources);
        return request.kind === 'sweep' ? runSweep(request, site, call) : runChanges(request.changes, site, call);
      },
      stop: () => open.close(),
    };
  },
};
