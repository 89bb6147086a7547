import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { size } from '../cli/terminal.ts';
import { runCli } from './cli-process.ts';
import { step } from './screen.ts';
import type { Stage } from './stage.ts';

/** Looks at the whole lake by `lakewarden report`, and writes the page; what an earlier look saw is on it, too. */
export async function writePage({ folder, settings }: Stage, title: string, file: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  await step(
    title,
    () => runCli('report', '--settings', settings, '--state', join(folder, 'reports'), '--output', file),
    () => `${file}, ${size(statSync(file).size)}, one page that loads nothing`,
  );
}
