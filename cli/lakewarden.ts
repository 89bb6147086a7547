#!/usr/bin/env node
import { basename } from 'node:path';
import { Command, CommanderError } from 'commander';
import { asError } from '#shared/errors/error.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { compactCommand } from './compact.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { lakeCommand } from './lake.ts';
import { openwhiskCommand } from './openwhisk.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { scanCommand } from './scan.ts';
import { syncCommand } from './sync.ts';
import { paint, printable } from './terminal.ts';
import { triageCommand } from './triage.ts';

// The name that it was started by: as a plugin of Knative's command line it is called kn-lakewarden.
const name = basename(process.argv[1] ?? '').startsWith('kn-') ? 'kn lakewarden' : 'lakewarden';
const program = new Command(name)
  .description('keeps an open-source data lake queryable, compact, clean and compliant')
  .addHelpText('after', exitCodeHelp)
  // Commands that have commands may share names of options with them.
  .enablePositionalOptions()
  .addCommand(lakeCommand())
  .addCommand(syncCommand())
  .addCommand(compactCommand())
  .addCommand(triageCommand())
  .addCommand(replayCommand())
  .addCommand(scanCommand())
  .addCommand(reportCommand())
  .addCommand(openwhiskCommand());
exitByThrowing(program);

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? exitCode.ok : exitCode.usage;
  } else {
    const error = asError(thrown);
    process.stderr.write(`${paint('red', `${error.code}: ${printable(scrub(error.message))}`, process.stderr)}\n`);
    if (error.disposition === 'bug') process.stderr.write(`${error.stack}\n`);
    process.exitCode = /^(config|event|path)\./.test(error.code) ? exitCode.usage : exitCode.failed;
  }
}

/** Commander's own end of the process would have its own exit codes. */
function exitByThrowing(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByThrowing(child);
}
