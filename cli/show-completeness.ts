import type { CompletenessReport } from '#functions/metastore-sync/completeness/examine-completeness.ts';
import { duration, paint, printable, renderTable } from './terminal.ts';

/** How many things of a topic are missing, there twice, or unknown. */
export function countFlaws({ progress, overlapped, unknown }: CompletenessReport): number {
  const flawed = progress.partitions.filter(({ missing, lost }) => missing !== undefined || lost !== undefined);
  return flawed.length + overlapped.length + Number(unknown !== undefined);
}

/** Prints how far a topic is queryable, one line for each Kafka partition. */
export function showCompleteness(report: CompletenessReport): void {
  const { topic, table, kafkaTopic, progress, overlapped, unknown } = report;
  const { partitions, lag, complete, asked } = progress;
  const facts = [
    `topic ${printable(topic)}`,
    ...(kafkaTopic === topic ? [] : [`in Kafka ${printable(kafkaTopic)}`]),
    ...(complete === undefined ? [] : [`complete until ${complete.until}`]),
    ...(lag?.seconds === undefined || lag.seconds === 0 ? [] : [`lag ${duration(lag.seconds * 1_000)}`]),
  ];
  console.log(`${paint('bold', table)}  ${paint('dim', facts.join(', '))}`);
  if (partitions.length === 0) console.log(paint('dim', 'names of files tell no Kafka offsets'));
  else
    console.log(
      renderTable(
        ['partition', 'from', 'queryable below', 'log end', 'lag', 'missing', 'lost'],
        partitions.map(({ partition, from, next, end, lag: behind, missing, lost }) => [
          partition,
          ...[from, next, end, behind].map((text) => text ?? '-'),
          missing ?? '',
          lost ?? '',
        ]),
      ),
    );
  for (const { partition, offsets, paths } of overlapped) {
    const places = [...new Set(paths)].map(printable).join(' and ');
    console.log(paint('red', `  ! offsets ${offsets} of partition ${partition} are there twice: ${places}`));
  }
  if (unknown !== undefined) console.log(paint('red', `  ! whether it is complete is unknown: ${printable(unknown)}`));
  else if (!asked && partitions.length > 0)
    console.log(paint('yellow', '  · whether it is complete is unknown: no setting names Kafka'));
  console.log('');
}
