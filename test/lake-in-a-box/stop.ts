import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopProcess } from './process.ts';
import { processNames, readRecord } from './record.ts';

/** Stops every process of the lake in `folder`, users before what they use. Idempotent. */
export async function stopLake(folder: string): Promise<void> {
  const processes = readRecord(folder)?.processes ?? [];
  for (const name of processNames) {
    await Promise.all(processes.filter((p) => p.name === name).map((p) => stopProcess(p, p.stopSignal)));
  }
}

/** Removes what a stopped lake has stored; its ports stay known. */
export function removeData(folder: string): void {
  const outside = readRecord(folder)?.postgresFolder;
  for (const path of [join(folder, 'data'), join(folder, 'tmp'), outside]) {
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
  }
}

/** Removes a stopped lake and its folder. */
export function removeLake(folder: string): void {
  removeData(folder);
  for (const name of ['conf', 'logs']) rmSync(join(folder, name), { recursive: true, force: true });
  rmSync(join(folder, 'lake.json'), { force: true });
  rmSync(folder, { recursive: true, force: true });
}
