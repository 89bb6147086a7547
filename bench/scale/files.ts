import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Row } from '../benchmark.ts';
import { compare } from '../benchmark.ts';
import { prepareMerges, type Used } from '../concat/merges.ts';
import type { Point } from '../curve.ts';

const sizes = [10, 100, 1_000, 5_000];

/** Files of one partition, from 10 to 5,000: what merging them costs us, and what it costs pyarrow. */
export const scaleFilesBenchmark: Benchmark = {
  name: 'scale-files',
  title: 'Scale: files of a partition',
  run: async (start, tell) => {
    const lake = await start();
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      const merges = await prepareMerges(lake, temp, tell);
      // Java compiles while it runs: the first of each side is not counted.
      await merges.ours(100, true);
      await merges.pyarrow(100);
      const all: { readonly files: number; readonly ours: Used; readonly peer: Used }[] = [];
      for (const files of sizes)
        all.push({ files, ours: await merges.ours(files, true), peer: await merges.pyarrow(files) });
      const line = (name: string, side: 'ours' | 'peer', key: 'took' | 'memory' | 'bytes', unit = 1) => ({
        name,
        points: all.map((one): Point => [one.files, one[side][key] / unit]),
      });
      const sides = (key: 'took' | 'memory' | 'bytes', unit?: number) => [
        line('partition-compaction', 'ours', key, unit),
        line('pyarrow', 'peer', key, unit),
      ];
      const x = 'files of the partition';
      return {
        peer: 'pyarrow 26.0.1 over WebHDFS, one GET for each file',
        rows: all.flatMap(({ files, ours, peer }): Row[] => [
          compare(`${files.toLocaleString('en')} files: event to answer`, 'ms', ours.took, peer.took),
          compare(`${files.toLocaleString('en')} files: bytes written`, 'kB', ours.bytes / 1e3, peer.bytes / 1e3),
          compare(`${files.toLocaleString('en')} files: most memory`, 'MiB', ours.memory, peer.memory),
          { work: `${files.toLocaleString('en')} files: HDFS calls`, unit: 'calls', ours: ours.calls ?? NaN },
        ]),
        curves: [
          { title: 'Time to merge the files of a partition', x, y: 'ms', lines: sides('took') },
          { title: 'Bytes written to merge them', x, y: 'kB', lines: sides('bytes', 1e3) },
          { title: 'Most memory', x, y: 'MiB', lines: sides('memory') },
        ],
        notes: [
          'One run of each side and size after one that is not counted, in processes of their own; pieces are verified after the merge, as by default. Files of 900 rows, 13 columns.',
        ],
      };
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};
