import { type Command, Option } from 'commander';
import { parseCount } from './effects.ts';

/** Adds the options that say where to look in the golden zone; `other` is one more way to say it, beside the usual ones. */
export function withScope(command: Command, other?: Option): Command {
  const rivals = other === undefined ? [] : [other.attributeName()];
  command
    .option('--topic <name...>', 'only these topics')
    .addOption(
      new Option('--path <path...>', 'only the partitions of these files or folders').conflicts([
        'topic',
        'full',
        'partitions',
        ...rivals,
      ]),
    )
    .option('--full', 'look at every folder, not only at the newest partitions');
  if (other !== undefined) command.addOption(other);
  return command.addOption(
    new Option('--partitions <count>', 'how many of the newest partitions of each topic to look at')
      .argParser(parseCount)
      .conflicts(['full', ...rivals]),
  );
}
