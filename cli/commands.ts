import type { Command } from 'commander';
import { compactCommand } from './compact.ts';
import { lakeCommand } from './lake.ts';
import { openwhiskCommand } from './openwhisk.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { scanCommand } from './scan.ts';
import { syncCommand } from './sync.ts';
import { triageCommand } from './triage.ts';

/** The commands of `lakewarden`, in the order in which its help lists them. */
export function commands(): Command[] {
  return [
    lakeCommand(),
    syncCommand(),
    compactCommand(),
    triageCommand(),
    replayCommand(),
    scanCommand(),
    reportCommand(),
    openwhiskCommand(),
  ];
}
