import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { providePackages } from '../engines/downloads.ts';

const packages = [
  'pyarrow==26.0.1',
  'duckdb==2.0.0',
  'polars==2.1.0',
  'fastparquet==2026.9.0',
  'pandas==3.1.1',
  'py-ocsf-models==0.10.0',
  'sarif-pydantic==0.6.2',
  'xmlschema==4.3.2',
];

/** The folder of the readers and writers that tests and benchmarks compare with; downloads them once. Throws `lake.failed`. */
export function provideReaders(tell: (line: string) => void): Promise<string> {
  return providePackages(packages, tell, AbortSignal.timeout(1_800_000));
}

/** Runs a script of this folder, or at a path from here, with the readers and writers that tests compare with, and answers what it prints. */
export async function runPython(script: string, ...args: readonly string[]): Promise<string> {
  const site = await provideReaders(console.log);
  const { stdout } = await promisify(execFile)('python3', [new URL(script, import.meta.url).pathname, ...args], {
    env: { ...process.env, PYTHONPATH: site },
    maxBuffer: 1 << 26,
  });
  return stdout;
}
