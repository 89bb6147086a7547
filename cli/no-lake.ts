import { Command } from 'commander';

/** `lakewarden lake` where the command line was installed by itself, without the lake in a box. */
export function lakeCommand(): Command {
  return new Command('lake')
    .description('runs a lake on this machine; only from a clone of the repository')
    .allowUnknownOption()
    .argument('[anything...]')
    .action((_, __, command: Command) =>
      command.error('lakewarden lake runs from a clone of the repository, which holds the lake in a box'),
    );
}
