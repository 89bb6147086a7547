import type { BenchLake } from '../bench-lake.ts';
import { hours } from '../bench-lake.ts';
import type { Benchmark, Row } from '../benchmark.ts';
import { fillTable } from '../wide-table.ts';

const seconds = 10;
const atOnce = 16;
const root = '/bench-services/golden';

/** How much the lake's services on this machine answer at all: what a plan for a large lake has to stay below. */
export const scaleServicesBenchmark: Benchmark = {
  name: 'scale-services',
  title: 'Scale: what the services of a lake answer',
  run: async (start, tell) => {
    const lake = await start();
    const { hdfs, metastore } = lake.clients;
    const database = await lake.database();
    await fillTable(lake, root, database, 2_400);
    const folders = hours(240);
    const file = `${root}/clicks/${folders[0]}/data.snappy.parquet`;
    const works: Readonly<Record<string, (turn: number) => Promise<unknown>>> = {
      'NameNode: status of a file': () => hdfs.status(file),
      'NameNode: listing of a folder with 24 others': (turn) => read(hdfs.list(parent(folders[turn % 240] ?? ''))),
      'NameNode and DataNode: end of a file': () => hdfs.read(file, 0, 16_384),
      'metastore: a table': () => metastore.table(database, 'clicks'),
      'metastore: a partition by its name': (turn) =>
        metastore.partitionsByNames(database, 'clicks', [folders[turn % 240] ?? '']),
    };
    const rows: Row[] = [];
    for (const [work, call] of Object.entries(works)) {
      // Java compiles while it runs: the first seconds are not counted.
      await callsPerSecond(call, 3);
      const rate = await callsPerSecond(call, seconds);
      tell(`${work}: ${rate.toFixed(0)}/s`);
      rows.push({ work, unit: 'calls/s', ours: rate });
    }
    const added = await addPartitions(lake);
    rows.push({
      work: 'metastore: partitions added, 1,000 in a call, 4 calls at once',
      unit: 'partitions/s',
      ours: added,
    });
    return {
      peer: 'none: this is what a single NameNode, DataNode and metastore answer when we ask and nobody else does',
      rows,
      notes: [
        `${atOnce} calls at once for ${seconds} s, after 3 s that are not counted; services and client share the two cores. A cluster's own NameNode answers more, and has others to answer: measure yours before you plan.`,
      ],
    };
  },
};

function parent(folder: string): string {
  return `${root}/clicks/${folder.slice(0, folder.lastIndexOf('/'))}`;
}

async function read(listing: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of listing);
}

/** Calls that end within so many seconds, each second. */
async function callsPerSecond(call: (turn: number) => Promise<unknown>, forSeconds: number): Promise<number> {
  const end = performance.now() + forSeconds * 1_000;
  let turn = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) await call(turn++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return turn / forSeconds;
}

async function addPartitions(lake: BenchLake): Promise<number> {
  const count = 20_000;
  const database = await lake.database();
  const began = performance.now();
  await fillTable(lake, '/bench-added/golden', database, count);
  return (count * 1_000) / (performance.now() - began);
}
