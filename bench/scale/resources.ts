import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, Row } from '../benchmark.ts';
import { extendLine, type Point } from '../curve.ts';
import { bundle, run, startCluster, type Took } from '../scan-kubernetes.ts';

const sizes = [1_000, 10_000, 100_000];

/** Resources of a cluster, from 1,000 to 100,000: what listing and judging them all costs. */
export const scaleResourcesBenchmark: Benchmark = {
  name: 'scale-resources',
  title: 'Scale: resources of a scan',
  needsLake: false,
  run: async (_, tell) => {
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      const scan = await bundle(temp);
      const runs: Took[] = [];
      for (const size of sizes) {
        const { server, address } = await startCluster(size * 0.6, size * 0.4);
        try {
          runs.push(await run([scan, address], size));
        } finally {
          server.kill();
        }
        tell(`${size} resources: ${runs.at(-1)?.cpu.toFixed(0)} ms, ${runs.at(-1)?.memory.toFixed(0)} MiB`);
      }
      const line = (name: string, cost: (took: Took) => number) => ({
        name,
        points: runs.map((took): Point => [took.objects, cost(took)]),
      });
      const x = 'Deployments and Pods';
      return {
        peer: 'none here; the table of 20,000 Deployments compares with one',
        rows: runs.flatMap(({ objects, cpu, memory }): Row[] => [
          { work: `${objects.toLocaleString('en')} resources: processor time`, unit: 'ms', ours: cpu },
          { work: `${objects.toLocaleString('en')} resources: most memory`, unit: 'MiB', ours: memory },
        ]),
        curves: [
          {
            title: 'Processor time of a scan',
            x,
            y: 'ms',
            lines: [
              extendLine(
                line('listing and judging', ({ cpu }) => cpu),
                [1_000_000],
              ),
            ],
          },
          { title: 'Most memory of a scan', x, y: 'MiB', lines: [line('whole process', ({ memory }) => memory)] },
        ],
        notes: [
          'One run for each size, in a process of its own, start of Node included; pages of 500, so as many calls as pages, and one for each of the other kinds. Three fifths are Deployments, the others Pods. The cluster is a server of the benchmark’s own, whose work is not counted.',
        ],
      };
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};
