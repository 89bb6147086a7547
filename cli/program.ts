import { basename } from 'node:path';
import { Command, CommanderError } from 'commander';
import { asError } from '#shared/errors/error.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { commands } from './commands.ts';
import { exitCode, exitCodeHelp } from './exit-code.ts';
import { paint, printable } from './terminal.ts';

// The name that it was started by: as a plugin of Knative's command line it is called kn-lakewarden.
const name = basename(process.argv[1] ?? '').startsWith('kn-') ? 'kn lakewarden' : 'lakewarden';
const program = new Command(name)
  .description('keeps an open-source data lake queryable, compact, clean and compliant')
  .addHelpText('after', exitCodeHelp)
  // Commands that have commands may share names of options with them.
  .enablePositionalOptions();
for (const command of commands()) program.addCommand(command);
exitByThrowing(program);
// Who reads no further, as `head`, has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

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
