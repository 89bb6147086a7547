import { count, size } from '../cli/terminal.ts';
import { ring } from './broker.ts';
import { askWhole, type Engines, QueryLoop } from './queries.ts';
import { requireEqual, say, showEvents, step } from './screen.ts';
import { golden, topics } from './settings.ts';
import type { Stage } from './stage.ts';
import type { Truth } from './truth.ts';

interface CompactionResult {
  readonly status: string;
  readonly merges: number;
  readonly filesRemoved: number;
  readonly bytesNotMoved: number;
  readonly bytesWritten: number;
  readonly problems: readonly { readonly message: string }[];
}

/** The third act: many files become few, while somebody asks all the time. */
export async function compact(stage: Stage, engines: Engines, truth: Truth): Promise<void> {
  const { hdfs, broker, functions, addresses } = stage;
  const folder = `${golden}/${topics.processed}`;
  const before = await hdfs.contentSummary(folder);
  const loop = new QueryLoop(addresses.hiveserver as string, truth);
  const began = performance.now();
  try {
    const result = await step(
      'Ring partition-compaction; beside it a loop asks Hive for all rows of hour after hour',
      async () => {
        const ping = { scope: 'full' };
        const done = await ring<CompactionResult>(functions['partition-compaction'], 'dev.knative.sources.ping', ping);
        await broker.settled();
        return done;
      },
      ({ status, merges }) => `${status}: ${count(merges, 'merge')}`,
    );
    for (const { message } of result.problems) say(message);
    requireEqual('status of the compaction', result.status, 'done');
    const seconds = (performance.now() - began) / 1_000;
    const after = await hdfs.contentSummary(folder);
    showEvents(await broker.take());
    // The loop sees the hours once more as they are now.
    const asked = loop.count.asked;
    while (loop.count.asked < asked + truth.hours().length / 4) await loop.next();
    await loop.end();
    const { wrong, failed } = loop.count;
    say(
      `files              ${before.fileCount} → ${after.fileCount} in ${seconds.toFixed(1)} s`,
      `bytes of data      ${size(result.bytesNotMoved)} stayed where they were, ${size(result.bytesWritten)} were written (footers)`,
      `queries beside it  ${loop.count.asked} answered, ${wrong} wrong, ${failed} failed and were asked again`,
    );
    requireEqual('wrong answers of the query loop', wrong, 0);
    requireEqual('files of the golden zone', after.fileCount, truth.hours().length);
  } finally {
    await loop.end();
  }
  await askWhole(engines, truth, 'in few files');
  const again = await ring<CompactionResult>(functions['partition-compaction'], 'dev.knative.sources.ping', {
    scope: 'full',
  });
  requireEqual('a second ring', again.status, 'nothing');
  say('A second ring finds nothing to do, and writes nothing.');
}
