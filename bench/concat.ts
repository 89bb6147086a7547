import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchLake } from './bench-lake.ts';
import { type Benchmark, compare, type Findings, judge, type Row } from './benchmark.ts';
import { mergeByJava } from './concat/java-peers.ts';
import { prepareMerges, type Used } from './concat/merges.ts';
import { median } from './measure.ts';

const [few, many] = [1_000, 5_000];
const rounds = 3;

/** Many small files of a partition become one: we by CONCAT in the packaged function, pyarrow by reading and writing them. */
export const concatBenchmark: Benchmark = {
  name: 'concat',
  title: `${few.toLocaleString('en')} small files of a partition on HDFS become one`,
  run: async (start, tell) => {
    const lake = await start();
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      return await compareMerges(lake, temp, tell);
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};

async function compareMerges(lake: BenchLake, temp: string, tell: (line: string) => void): Promise<Findings> {
  const { ours, pyarrow, partition } = await prepareMerges(lake, temp, tell);
  const sides: Record<'plain' | 'verified' | 'peer', Used[]> = { plain: [], verified: [], peer: [] };
  for (let round = 0; round < rounds; round += 1) {
    sides.plain.push(await ours(few, false));
    sides.verified.push(await ours(few, true));
    sides.peer.push(await pyarrow(few));
  }
  const java = await mergeByJava(lake, await partition(few), temp, tell);
  const larger = await ours(many, true);
  const middle = (used: readonly Used[], key: 'took' | 'bytes'): number => median(used.map((one) => one[key]));
  const most = (used: readonly Used[]): number => Math.max(...used.map(({ memory }) => memory));
  const timeRow = (work: string, used: readonly Used[]): Row => {
    const row = compare(work, 'ms', middle(used, 'took'), middle(sides.peer, 'took'));
    return judge(row, 'at least 10 times faster', (row.ratio ?? 0) >= 10);
  };
  const both = [...sides.plain, ...sides.verified];
  return {
    peer: 'pyarrow 26.0.1 over WebHDFS, one GET for each file; where a row says so, parquet-mr 1.15.2 and Spark 4.3.0 by their own client of HDFS',
    rows: [
      timeRow('event to answer, each piece verified after the merge (the default)', sides.verified),
      timeRow('event to answer, verifyPieces off', sides.plain),
      compare('bytes written', 'kB', middle(both, 'bytes') / 1e3, middle(sides.peer, 'bytes') / 1e3),
      judge(compare('memory', 'MiB', most(both), most(sides.peer)), 'under 200', most(both) < 200),
      judge(
        { work: `memory, ${many.toLocaleString('en')} files`, unit: 'MiB', ours: larger.memory },
        'under 300',
        larger.memory < 300,
      ),
      ...java.flatMap(({ peer: against, withStart, warm, memory }): Row[] => [
        {
          ...compare('event to answer, verified; start and merge', 'ms', middle(sides.verified, 'took'), withStart),
          against,
        },
        {
          ...compare('event to answer, verified; a merge when it runs', 'ms', middle(sides.verified, 'took'), warm),
          against,
        },
        { ...compare('memory', 'MiB', most(both), memory), against },
      ]),
    ],
    notes: [
      `Files of 900 rows, 13 columns, with page indexes; the middle of ${rounds} alternating rounds, each with files of its own; the packaged function with the flags of its func.yaml. Memory is the most that was seen.`,
      'parquet-mr (ParquetRewriter, which keeps the 1,000 row groups) and Spark (read, coalesce(1), write; local[2]) merge the same folder three times in one process: the first with the start of the program, then the middle of the other two. What they write is left out: all files are the same, so that a dictionary of Spark holds the values of one. DuckDB reads no HDFS without an extension.',
      `A request of WebHDFS has room for some 700 names, so ${few.toLocaleString('en')} files are two CONCATs, and two files afterwards. What takes the time is one request to a DataNode for each footer, and one to the NameNode for each file's blocks where pieces are verified.`,
      'Read the ratio with care: we have 16 requests under way at once, the script for pyarrow has one, as people write it. By hand, with 16 threads, at a load of 20, it took 4.9 to 5.5 s (three runs), when we took 5.6 and 7.2 s with verification and 8.5 s without (one run each, from the source): no faster. On one machine data cost almost nothing to move, and both sides wait for the same DataNode, which spends some 0.65 ms of processor time on any request.',
    ],
  };
}
