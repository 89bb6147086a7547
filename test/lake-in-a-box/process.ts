import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's boot and the start of the process: field 22 of `/proc/<pid>/stat`. */
  readonly startTime: string;
}

/** The fields of `/proc/<pid>/stat` from the third (the state) on; the second, the name, may hold blanks and brackets. */
function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** The identity of a live process, or `undefined` when there is none with that number. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTime = readStat(pid)?.[19];
  return startTime === undefined ? undefined : { pid, startTime };
}

/** True while this very process runs; a zombie counts as gone. */
export function isRunning(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== undefined && stat[19] === identity.startTime && stat[0] !== 'Z' && stat[0] !== 'X';
}

/** Resident memory in MiB (VmRSS), 0 for a process that is gone. */
export function readResidentMemory(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return Math.round(Number(line?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function waitUntilGone(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Asks a process to end by `signal`, and kills it when it is still there after `grace` milliseconds. */
export async function stopProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals = 'SIGTERM',
  grace = 15_000,
): Promise<void> {
  sendSignal(identity, signal);
  if (await waitUntilGone(identity, grace)) return;
  sendSignal(identity, 'SIGKILL');
  await waitUntilGone(identity, 5_000);
}
