import { median } from '../measure.ts';
import type { BenchLake } from '../bench-lake.ts';
import { preparePrograms } from '../rewriters/programs.ts';
import { measureSession } from '../rewriters/session.ts';

/** What a peer in Java took for one folder: milliseconds and MiB. */
export interface JavaMerge {
  readonly peer: string;
  /** From the start of the program to its first file. */
  readonly withStart: number;
  /** A further file of the same process. */
  readonly warm: number;
  readonly memory: number;
}

/** Has parquet-mr and Spark make one file of those of a folder of HDFS, three times each, by Hadoop's own client. */
export async function mergeByJava(
  lake: BenchLake,
  folder: string,
  temp: string,
  tell: (line: string) => void,
): Promise<readonly JavaMerge[]> {
  const programs = await preparePrograms(temp, tell);
  const { defaultFs } = lake.addresses;
  const merges: JavaMerge[] = [];
  for (const peer of ['parquet-mr', 'Spark']) {
    const program = programs.get(peer);
    if (program === undefined) throw new Error(`there is no program of ${peer}`);
    const output = `${folder}.${peer}.parquet`;
    const { cold, warm, memory } = await measureSession(program(`${defaultFs}${folder}`), `${defaultFs}${output}`, 3);
    merges.push({ peer, withStart: cold.time, warm: median(warm.map(({ time }) => time)), memory });
    tell(`${peer}: ${cold.time.toFixed(0)} ms with its start, ${memory.toFixed(0)} MiB`);
  }
  return merges;
}
